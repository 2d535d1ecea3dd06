require edgebench-lite.inc

# What .ci/board-archive has made, by its absolute path, and its checksum: the two
# lines that it prints belong into the build's configuration.
EDGEBENCH_LITE_ARCHIVE ?= ""
EDGEBENCH_LITE_ARCHIVE_SHA256 ?= ""
EDGEBENCH_LITE_FILES = "${S}"
SRC_URI = "file://${EDGEBENCH_LITE_ARCHIVE}"

# Linked statically against musl: the libc of the image is of no concern to it.
COMPATIBLE_HOST = "aarch64.*-linux.*"
INHIBIT_DEFAULT_DEPS = "1"
INHIBIT_PACKAGE_STRIP = "1"
INHIBIT_PACKAGE_DEBUG_SPLIT = "1"
INHIBIT_SYSROOT_STRIP = "1"

python () {
    for variable in ('EDGEBENCH_LITE_ARCHIVE', 'EDGEBENCH_LITE_ARCHIVE_SHA256'):
        if not d.getVar(variable):
            raise bb.parse.SkipRecipe('%s is not set: .ci/board-archive prints it' % variable)
}

# The fetcher does not look at the checksum of a local file.
python edgebench_lite_check_archive() {
    archive = d.getVar('EDGEBENCH_LITE_ARCHIVE')
    expected = d.getVar('EDGEBENCH_LITE_ARCHIVE_SHA256')
    found = bb.utils.sha256_file(archive)
    if found != expected:
        bb.fatal('%s: its sha256 is %s, EDGEBENCH_LITE_ARCHIVE_SHA256 says %s' % (archive, found, expected))
}
do_unpack[prefuncs] += "edgebench_lite_check_archive"
do_unpack[vardeps] += "EDGEBENCH_LITE_ARCHIVE_SHA256"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    install -D -m 0755 ${S}/edgebench-lite ${D}${bindir}/edgebench-lite
}

# nooelint: oelint.vars.insaneskip - it comes stripped
INSANE_SKIP:${PN} = "already-stripped"
RCONFLICTS:${PN} = "edgebench-lite"
