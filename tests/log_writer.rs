//! The file: appended to, locked, kept to its size, and full.

#[path = "support/skip.rs"]
mod skip;
#[path = "support/log.rs"]
mod support;

use edgebench_lite::log::model::Machine;
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::Record;
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::log::writer::{older, OpenError, Standing, Writer};
use edgebench_lite::log::{Encoder, Instant};
use nix::sys::resource::{getrlimit, setrlimit, Resource};
use skip::skipped;
use std::fs;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{lchown, symlink, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use support::{board_at_work, header_of, read, Hit, Run, Truth};

/// An empty folder for one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("log_writer")
        .join(test);
    if let Err(error) = fs::remove_dir_all(&folder) {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    fs::create_dir_all(&folder).expect("the target folder can be written to");
    folder
}

fn run(number: u32) -> Truth {
    let mut log = board_at_work(number, 9, 3);
    log.footer();
    log.truth
}

fn push_all(writer: &mut Writer, truth: &Truth) {
    for frame in &truth.frames {
        writer
            .push(&truth.bytes[frame.range.clone()])
            .expect("there is room");
    }
    writer.sync().expect("it can be synced");
}

fn refused(path: &Path) -> String {
    match Writer::append(path, None) {
        Ok(_) => "it was opened".into(),
        Err(OpenError::Io(error)) => format!("{:?}", error.kind()),
        Err(other) => format!("{other:?}"),
    }
}

#[test]
fn runs_one_after_the_other() {
    let path = folder("runs_one_after_the_other").join("a.ebl");
    let (first, second) = (run(5), run(6));
    let mut writer = Writer::append(&path, None).expect("it can be created");
    push_all(&mut writer, &first);
    assert_eq!(writer.written(), first.bytes.len() as u64);
    drop(writer);
    assert_eq!(fs::read(&path).expect("it is there"), first.bytes);

    let mut writer = Writer::append(&path, None).expect("it is a log");
    push_all(&mut writer, &second);
    let both = first.followed_by(&second);
    assert_eq!(fs::read(&path).expect("it is there"), both.bytes);
    assert_eq!(writer.written(), second.bytes.len() as u64);

    // What this run has in the file, even where its name is gone.
    fs::remove_file(&path).expect("it is there");
    let (begin, mut file) = writer.run().expect("it can be duplicated");
    let mut own = Vec::new();
    file.seek(SeekFrom::Start(begin)).expect("it is a file");
    file.read_to_end(&mut own).expect("it can be read");
    assert_eq!(own, second.bytes);
    assert_eq!(
        writer.sync().map_err(|error| error.kind()),
        Err(ErrorKind::NotFound)
    );
}

#[test]
fn creating_overwrites_nothing() {
    let path = folder("creating_overwrites_nothing").join("a.ebl");
    fs::write(&path, "").expect("there is room");
    for path in [&path, Path::new("/")] {
        match Writer::create(path, None) {
            Err(OpenError::Io(error)) => assert_eq!(error.kind(), ErrorKind::AlreadyExists),
            other => panic!("{:?}", other.map(|writer| writer.written())),
        }
    }
}

/// Wherever the log was cut: what was whole is read, and the new run is read whole.
#[test]
fn appending_to_a_log_cut_anywhere() {
    let path = folder("appending_to_a_log_cut_anywhere").join("a.ebl");
    let (first, second) = (run(5), run(6));
    for len in first.frames[3].range.end..=first.bytes.len() {
        let part = first.cut(len);
        fs::write(&path, &part.bytes).expect("there is room");
        let mut writer = Writer::append(&path, None).expect("it is a log");
        push_all(&mut writer, &second);
        let bytes = fs::read(&path).expect("it is there");
        let (begin, _) = writer.run().expect("it can be duplicated");
        assert_eq!(bytes[begin as usize..], second.bytes, "cut at {len}");
        assert_eq!(bytes[begin as usize - 1], 0, "cut at {len}");

        let out = read(&bytes, &first.followed_by(&second));
        let mut whole = part;
        if begin as usize == len + 1 && first.frames.iter().any(|frame| frame.range.end == len + 1)
        {
            // Nothing but the 0x00 had been cut off.
            whole = first.cut(len + 1);
        }
        let expected = whole.followed_by(&second).expected(|_| Hit::None);
        assert_eq!(out.whole(), expected, "cut at {len}");
        assert!(out.damage.len() <= 1, "cut at {len}");
    }
}

#[test]
fn what_is_no_log_is_left_alone() {
    let folder = folder("what_is_no_log_is_left_alone");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).expect("there is room");
        path
    };
    let log = run(5).bytes;
    let mut header = support::header_of(5, 4096);
    header.version = 2;
    let mut out = [0; edgebench_lite::log::frame::MAX_FRAME];
    let record = edgebench_lite::log::record::Record::Header(header);
    let newer = edgebench_lite::log::frame::encode(5, &record, &mut out)
        .expect("it fits")
        .to_vec();
    for (path, why) in [
        (folder.clone(), "NotAFile"),
        (PathBuf::from("/dev/null"), "NotAFile"),
        (PathBuf::from("/dev/full"), "NotAFile"),
        (folder.join("missing/a.ebl"), "NotFound"),
        (
            file(
                "text",
                &b"Some words, and no zero among them.\n".repeat(9000),
            ),
            "NotALog",
        ),
        (file("newer", &newer), "Newer(2)"),
        (
            file("newer, and more", &[&newer[..], &log].concat()),
            "Newer(2)",
        ),
        (
            file("long", &vec![b'x'; 300]).join("a.ebl"),
            "NotADirectory",
        ),
    ] {
        // A device would be read for ever.
        let bytes = || {
            path.is_file()
                .then(|| fs::read(&path).expect("it can be read"))
        };
        let before = bytes();
        assert_eq!(refused(&path), why, "{}", path.display());
        assert_eq!(bytes(), before);
    }
    let fifo = folder.join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("it can be made");
    assert_eq!(refused(&fifo), "NotAFile");

    // A log from wherever it begins, a file that is empty, and what a power cut leaves of
    // one before its first sync, are appended to.
    let cut = [&log[..20], &[0; 492]].concat();
    for (name, bytes) in [
        ("empty", &[][..]),
        ("tail", &log[30..]),
        ("zeros", &[0; 70_000]),
        ("begun", &log[..20]),
        ("begun, and zeros", &cut),
    ] {
        let path = file(name, bytes);
        let mut writer = Writer::append(&path, None).expect("nothing speaks against it");
        push_all(&mut writer, &run(6));
        assert!(fs::read(&path)
            .expect("it is there")
            .ends_with(&run(6).bytes));
    }
    let link = folder.join("link");
    symlink("target", &link).expect("it can be made");
    assert_eq!(refused(&link), "NotFound");
}

#[test]
fn a_second_recorder_is_refused() {
    let path = folder("a_second_recorder_is_refused").join("a.ebl");
    let mut first = Writer::create(&path, Some(100)).expect("it can be created");
    assert_eq!(refused(&path), "Locked");
    push_all(&mut first, &run(5));
    assert_eq!(refused(&path), "Locked");
    // The lock goes along to the next segment; the older one is free.
    first.rotate().expect("it can be renamed");
    assert_eq!(refused(&path), "Locked");
    assert_eq!(refused(&older(&path)), "it was opened");
    drop(first);
    assert_eq!(refused(&path), "it was opened");
}

/// Records 200 samples into segments, as a recorder does.
fn record_in_segments(path: &Path, max_size: u64) -> Run {
    let mut log = Run::new(5, 4096, 6);
    let mut writer = Writer::create(path, Some(max_size)).expect("it can be created");
    let mut done = 0;
    for sample in 0..200 {
        if writer.is_full(1) {
            writer.rotate().expect("it can be renamed");
            log.encoder.resync();
        }
        if sample % 50 < 6 {
            log.birth(sample % 50, 300 + sample as u32, sample as u64, b"sh");
        }
        log.machine.group_mut(0)[sample % 8] += 1 << (sample % 40);
        log.introduction();
        log.sample(1, 0, false);
        if sample == 199 {
            log.footer();
        }
        for frame in &log.truth.frames[done..] {
            writer
                .push(&log.truth.bytes[frame.range.clone()])
                .expect("there is room");
        }
        done = log.truth.frames.len();
    }
    writer.sync().expect("it can be synced");
    assert_eq!(writer.written(), log.truth.bytes.len() as u64);
    log
}

#[test]
fn segments_stand_alone_and_go_on() {
    let path = folder("segments_stand_alone_and_go_on").join("a.ebl");
    for max_size in [1, 3000, 6000, 1 << 20] {
        let truth = record_in_segments(&path, max_size).truth;
        let new = fs::read(&path).expect("it is there");
        let old = fs::read(older(&path)).unwrap_or_default();
        assert_eq!(old.is_empty(), max_size == 1 << 20);
        let kept = [&old[..], &new[..]].concat();
        assert!(truth.bytes.ends_with(&kept));
        // A segment is full at half the size, and is noticed to be with the next sample.
        let longest = truth.bytes.len().min(max_size as usize / 2 + 1500);
        assert!(
            old.len() <= longest && new.len() <= longest,
            "{} {}",
            old.len(),
            new.len()
        );

        let ticks = |bytes: &[u8]| {
            let out = read(bytes, &truth);
            assert_eq!(out.damage, []);
            out.samples
                .iter()
                .map(|(_, tick)| *tick)
                .collect::<Vec<_>>()
        };
        let all: Vec<u64> = (1..=200).collect();
        assert!(all.ends_with(&ticks(&kept)));
        assert_eq!([ticks(&old), ticks(&new)].concat(), ticks(&kept));
        fs::remove_file(&path).expect("it is there");
        if !old.is_empty() {
            fs::remove_file(older(&path)).expect("it is there");
        }
    }
}

fn rotated(writer: &mut Writer) -> String {
    match writer.rotate() {
        Ok(()) => "it was rotated".into(),
        Err(OpenError::Io(error)) => format!("{:?}", error.kind()),
        Err(other) => format!("{other:?}"),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o7777
}

/// Nobody else's file is made the older segment, and ours is not lost.
#[test]
fn a_name_that_another_has_taken() {
    let path = folder("a_name_that_another_has_taken").join("a.ebl");
    let mut writer = Writer::create(&path, Some(100)).expect("it can be created");
    push_all(&mut writer, &run(5));
    let moved = path.with_extension("moved");
    fs::rename(&path, &moved).expect("it is there");
    assert_eq!(rotated(&mut writer), "NotFound");
    fs::write(&path, "another").expect("there is room");
    assert_eq!(rotated(&mut writer), "NotFound");
    assert_eq!(fs::read(&path).expect("it is there"), b"another");
    assert!(!older(&path).exists());
    push_all(&mut writer, &run(6));
    let both = run(5).followed_by(&run(6));
    assert_eq!(fs::read(&moved).expect("it is there"), both.bytes);
}

#[test]
fn what_is_no_older_segment_is_not_replaced() {
    let folder = folder("what_is_no_older_segment_is_not_replaced");
    let path = folder.join("a.ebl");
    let old = older(&path);
    assert_eq!(old, folder.join("a.ebl.old"));
    let mut writer = Writer::create(&path, Some(100)).expect("it can be created");
    push_all(&mut writer, &run(5));

    fs::create_dir(&old).expect("there is none");
    assert_eq!(rotated(&mut writer), "NotAFile");
    fs::remove_dir(&old).expect("it is empty");
    symlink(folder.join("elsewhere"), &old).expect("it can be made");
    assert_eq!(rotated(&mut writer), "NotAFile");
    fs::remove_file(&old).expect("it is there");
    fs::write(&old, "a letter").expect("there is room");
    assert_eq!(rotated(&mut writer), "NotALog");
    assert_eq!(fs::read(&old).expect("it is there"), b"a letter");
    // Neither was the log touched, nor does anything stay behind.
    assert_eq!(fs::read(&path).expect("it is there"), run(5).bytes);
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 2);
    push_all(&mut writer, &run(6));

    // What a recorder leaves that was killed in the middle of it.
    fs::write(&old, run(4).bytes).expect("there is room");
    fs::write(folder.join("a.ebl.new"), "").expect("there is room");
    assert_eq!(rotated(&mut writer), "it was rotated");
    let both = run(5).followed_by(&run(6));
    assert_eq!(fs::read(&old).expect("it is there"), both.bytes);
    assert_eq!(fs::read(&path).expect("it is there"), b"");
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 2);
}

#[test]
fn a_log_is_its_owners_alone() {
    let path = folder("a_log_is_its_owners_alone").join("a.ebl");
    let mut writer = Writer::create(&path, Some(100)).expect("it can be created");
    assert_eq!(mode(&path), 0o600);
    push_all(&mut writer, &run(5));
    assert_eq!(rotated(&mut writer), "it was rotated");
    assert_eq!((mode(&path), mode(&older(&path))), (0o600, 0o600));
}

/// The link stays, and what it leads to is the log.
#[test]
fn a_symbolic_link_through_rotations() {
    let folder = folder("a_symbolic_link_through_rotations");
    let (link, disk) = (folder.join("a.ebl"), folder.join("disk"));
    let target = disk.join("b.ebl");
    fs::create_dir(&disk).expect("there is none");
    fs::write(&target, "").expect("there is room");
    symlink("disk/b.ebl", &link).expect("it can be made");
    let mut writer = Writer::append(&link, Some(100)).expect("it is empty");
    for number in [5, 6, 7] {
        push_all(&mut writer, &run(number));
        assert_eq!(rotated(&mut writer), "it was rotated");
        assert!(fs::symlink_metadata(&link)
            .expect("it is there")
            .is_symlink());
        let old = disk.join("b.ebl.old");
        assert_eq!(older(&link), fs::canonicalize(&old).expect("it is there"));
        assert_eq!(fs::read(&old).expect("it is there"), run(number).bytes);
    }
    push_all(&mut writer, &run(8));
    assert_eq!(fs::read(&target).expect("it is there"), run(8).bytes);
    assert!(!folder.join("a.ebl.old").exists());
}

/// Whoever lays a file or a link into /tmp gets nothing of what root writes.
#[test]
fn another_users_file_in_a_sticky_folder() {
    let folder = folder("another_users_file_in_a_sticky_folder");
    if !nix::unistd::geteuid().is_root() {
        return skipped("this is not root");
    }
    let path = folder.join("a.ebl");
    fs::write(&path, run(5).bytes).expect("there is room");
    symlink("a.ebl", folder.join("link")).expect("it can be made");
    let set = |mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(&folder, mode).expect("it is this user's");
    };
    let own = |file: &Path, uid| lchown(file, Some(uid), None).expect("this is root");
    set(0o1777);
    own(&path, 65534);
    assert_eq!(refused(&path), "Foreign(65534)");
    assert_eq!(refused(&folder.join("link")), "Foreign(65534)");
    own(&path, 0);
    assert_eq!(refused(&folder.join("link")), "it was opened");
    own(&folder.join("link"), 65534);
    assert_eq!(refused(&folder.join("link")), "Foreign(65534)");
    assert_eq!(refused(&path), "it was opened");

    // Nor is it replaced by a rotation, nor opened when ours is gone.
    let mut writer = Writer::append(&path, Some(100)).expect("it is a log");
    fs::write(older(&path), run(4).bytes).expect("there is room");
    own(&older(&path), 65534);
    assert_eq!(rotated(&mut writer), "Foreign(65534)");
    fs::remove_file(&path).expect("it is there");
    fs::write(&path, run(4).bytes).expect("there is room");
    own(&path, 65534);
    assert!(matches!(writer.reopen(), Err(OpenError::Foreign(65534))));
    assert_eq!(fs::read(&path).expect("it is there"), run(4).bytes);
    // Where nobody else may lay anything, it is the user's business.
    set(0o755);
    assert_eq!(refused(&path), "it was opened");
}

#[test]
fn truncated_moved_and_removed() {
    let path = folder("truncated_moved_and_removed").join("a.ebl");
    let read = |path: &Path| fs::read(path).expect("it is there");
    let mut writer = Writer::create(&path, None).expect("it can be created");
    let standing = |writer: &Writer| writer.standing().expect("it can be asked");
    push_all(&mut writer, &run(5));
    assert_eq!(standing(&writer), Standing::Whole);

    // As logrotate's `copytruncate` does, also while more is written.
    fs::File::create(&path).expect("it is there");
    assert_eq!(standing(&writer), Standing::Truncated(0));
    push_all(&mut writer, &run(6));
    let len = run(6).bytes.len() as u64;
    assert_eq!(standing(&writer), Standing::Truncated(len));
    writer.go_on().expect("it can be read");
    assert_eq!(standing(&writer), Standing::Whole);
    push_all(&mut writer, &run(7));
    assert_eq!(read(&path), run(6).followed_by(&run(7)).bytes);
    assert_eq!(writer.run().expect("it can be duplicated").0, len);

    let moved = path.with_extension("moved");
    fs::rename(&path, &moved).expect("it is there");
    assert_eq!(standing(&writer), Standing::Moved);
    writer.reopen().expect("it can be created");
    assert_eq!(standing(&writer), Standing::Whole);
    push_all(&mut writer, &run(8));
    assert_eq!((read(&path), mode(&path)), (run(8).bytes, 0o600));
    assert_eq!(read(&moved), run(6).followed_by(&run(7)).bytes);

    // Replaced: by something else, by a log, by nothing.
    fs::remove_file(&path).expect("it is there");
    fs::write(&path, "a letter").expect("there is room");
    assert_eq!(standing(&writer), Standing::Removed);
    assert!(matches!(writer.reopen(), Err(OpenError::NotALog)));
    assert_eq!(read(&path), b"a letter");
    fs::write(&path, run(4).bytes).expect("there is room");
    writer.reopen().expect("it is a log");
    push_all(&mut writer, &run(9));
    assert_eq!(read(&path), run(4).followed_by(&run(9)).bytes);
    fs::remove_file(&path).expect("it is there");
    writer.reopen().expect("it can be created");
    push_all(&mut writer, &run(10));
    assert_eq!(read(&path), run(10).bytes);
}

/// Nobody moves it: whenever it goes, it is there or removed.
#[test]
fn removed_while_it_is_looked_at() {
    let path = folder("removed_while_it_is_looked_at").join("a.ebl");
    for round in 0..500 {
        let writer = Writer::create(&path, None).expect("it can be created");
        let begin = Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                begin.wait();
                fs::remove_file(&path).expect("it is there");
            });
            begin.wait();
            loop {
                match writer.standing().expect("it can be asked") {
                    Standing::Whole => {}
                    gone => break assert_eq!(gone, Standing::Removed, "round {round}"),
                }
            }
        });
    }
}

/// A file that may have 2048 or 4096 bytes and no more, then may again: by itself, in
/// a process of its own, see `a_file_that_cannot_grow`.
#[test]
#[ignore = "run by a_file_that_cannot_grow"]
fn child_that_may_not_write() {
    let path = PathBuf::from(std::env::var_os("EDGEBENCH_TEST_LOG").expect("the parent sets it"));
    let log = board_at_work(5, 120, 9).truth;
    let mut writer = Writer::create(&path, None).expect("it can be created");
    for frame in &log.frames {
        let frame = &log.bytes[frame.range.clone()];
        writer.push(frame).expect("it is kept");
    }
    let errno = |done: std::io::Result<()>| done.map_err(|error| error.raw_os_error());
    assert_eq!(errno(writer.sync()), Err(Some(nix::libc::EFBIG)));
    assert!(writer.is_failing());
    assert_eq!(writer.errno(), nix::libc::EFBIG);
    // 64 KiB are kept, and not a byte more.
    let written = fs::metadata(&path).expect("it is there").len();
    let mut kept = log.bytes.len() as u64 - written;
    let mut done = Ok(());
    while done.is_ok() {
        done = errno(writer.push(&[7; 999]));
        kept += 999 * u64::from(done.is_ok());
    }
    assert_eq!(done, Err(Some(nix::libc::EFBIG)));
    assert!((64 << 10) - 999 < kept && kept <= 64 << 10, "{kept}");
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).expect("it can be asked");
    setrlimit(Resource::RLIMIT_FSIZE, hard, hard).expect("up to the hard limit");
    writer.write_out().expect("there is room again");
    assert!(!writer.is_failing());
    push_all(&mut writer, &run(6));
    assert_eq!(writer.written(), written + kept + run(6).bytes.len() as u64);
}

/// The same, emptied by somebody who wants room.
#[test]
#[ignore = "run by a_full_file_that_is_emptied"]
fn child_whose_file_is_emptied() {
    let path = PathBuf::from(std::env::var_os("EDGEBENCH_TEST_LOG").expect("the parent sets it"));
    let log = board_at_work(5, 120, 9).truth;
    let mut writer = Writer::create(&path, None).expect("it can be created");
    for frame in &log.frames {
        let frame = &log.bytes[frame.range.clone()];
        writer.push(frame).expect("it is kept");
    }
    writer.sync().expect_err("it may not grow");
    let written = fs::read(&path).expect("it is there");
    assert!(!written.ends_with(&[0]), "it ends in the midst of a frame");
    fs::File::create(&path).expect("it is there");
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).expect("it can be asked");
    setrlimit(Resource::RLIMIT_FSIZE, hard, hard).expect("up to the hard limit");
    writer.go_on().expect("it can be read");
    push_all(&mut writer, &run(6));
}

/// The same; a result finds no room, and the sample behind it does.
#[test]
#[ignore = "run by a_result_that_finds_no_room"]
fn child_whose_result_finds_no_room() {
    let path = PathBuf::from(std::env::var_os("EDGEBENCH_TEST_LOG").expect("the parent sets it"));
    let mut writer = Writer::create(&path, None).expect("it can be created");
    let mut encoder = Encoder::new(5, 4096, 0);
    let header = Record::Header(header_of(5, 4096));
    encoder.write(&header, &mut writer).expect("it is kept");
    let sample = |tick, encoder: &mut Encoder, writer: &mut Writer| {
        let (late_us, all_read) = (0, false);
        let at = Instant {
            tick,
            late_us,
            all_read,
        };
        let machine = Machine::default();
        encoder.sample(at, &machine, &[], |frame| {
            writer.push(frame).expect("it is kept");
        });
    };
    sample(0, &mut encoder, &mut writer);
    // A line of evidence of 3000 bytes.
    let entries = [&[2, 0xB8, 0x17][..], &[b'e'; 3000]].concat();
    let result = Record::Result(
        5,
        ResultPart {
            at_us: 0,
            kind: 0,
            part: 0,
            parts: 1,
            verdict: 0,
            value: 0,
            entries: &entries,
        },
    );
    while encoder.write(&result, &mut writer).is_ok() {}
    sample(1, &mut encoder, &mut writer);
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).expect("it can be asked");
    setrlimit(Resource::RLIMIT_FSIZE, hard, hard).expect("up to the hard limit");
    writer.write_out().expect("there is room again");
    sample(2, &mut encoder, &mut writer);
    writer.sync().expect("it can be synced");
}

#[test]
fn a_file_that_cannot_grow() {
    let path = not_growing("child_that_may_not_write");
    // As if nothing had been in the way.
    let bytes = fs::read(&path).expect("it is there");
    assert!(bytes.starts_with(&board_at_work(5, 120, 9).truth.bytes));
    assert!(bytes.ends_with(&run(6).bytes));
}

/// Of the frame whose beginning is gone, nothing is written: it would be damage.
#[test]
fn a_full_file_that_is_emptied() {
    let path = not_growing("child_whose_file_is_emptied");
    let bytes = fs::read(&path).expect("it is there");
    let frames = bytes.split_inclusive(|&byte| byte == 0).count();
    assert!(frames > run(6).frames.len(), "what was kept is written");
    let mut reader = Reader::new(&bytes[..]);
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        assert!(!matches!(event, Event::Damage(_)), "{event:?}");
    }
    assert_eq!(reader.frames(), frames as u64);
}

/// It is not there, and takes nothing with it.
#[test]
fn a_result_that_finds_no_room() {
    let path = not_growing("child_whose_result_finds_no_room");
    let bytes = fs::read(&path).expect("it is there");
    let mut reader = Reader::new(&bytes[..]);
    let mut ticks = Vec::new();
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        match event {
            Event::Sample => ticks.push(reader.sample().tick),
            Event::End(losses) => assert!(losses.none(), "{losses:?}"),
            _ => {}
        }
    }
    assert_eq!(ticks, [0, 1, 2]);
}

/// The log of a test that is run by itself, with a file that may not grow.
fn not_growing(test: &str) -> PathBuf {
    let path = folder(test).join("a.ebl");
    let limit = 4;
    let child = Command::new("sh")
        // ulimit counts in 512 bytes; some shells in 1024.
        .args([
            "-c",
            &format!("trap '' XFSZ; ulimit -S -f {limit}; exec \"$@\""),
        ])
        .arg("sh")
        .arg(std::env::current_exe().expect("the test knows itself"))
        .args(["--exact", test, "--ignored"])
        .env("EDGEBENCH_TEST_LOG", &path)
        .output()
        .expect("there is a shell");
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stdout)
    );
    path
}
