require edgebench-lite.inc

PV = "0.1.0+git"

SRC_URI = "git://${EDGEBENCH_LITE_REPOSITORY};protocol=https;branch=main;destsuffix=${BP}"
SRCREV = "52af1839ddff7b6790305437e774677828a74fd5"
require edgebench-lite-crates.inc

# Kirkstone, where this recipe is skipped, has neither of the last two.
# nooelint: oelint.var.inherit.inherit_defer - kirkstone has no inherit_defer either
inherit ${@bb.utils.contains('LAYERSERIES_CORENAMES', 'kirkstone', 'cargo', 'cargo cargo-update-recipe-crates ptest-cargo', d)}

# The commit that --version tells; of a checkout none is known.
export EDGEBENCH_COMMIT = "${@'' if d.getVar('EXTERNALSRC') else d.getVar('SRCREV')[:7]}"

# What is packaged is stripped, and keeps its symbols in -dbg.
export CARGO_PROFILE_RELEASE_STRIP = "false"

# nooelint: oelint.task.noanonpython - a recipe can be skipped only while it is parsed
python () {
    version = (d.getVar('RUSTVERSION') or '').rstrip('%')
    if version and bb.utils.vercmp_string_op(version, '1.75', '<'):
        raise bb.parse.SkipRecipe('it needs Rust 1.75 or later, here it is %s: '
                                  'package the prebuilt program with edgebench-lite-bin' % version)
}

# What is built for size is built slowly, and each of the test programs would be. In
# a folder of their own: else the program that is made for them would be installed. What
# std brings for debuggers, each would carry: 370 MB in all.
EDGEBENCH_LITE_PTEST_PROFILE = "--target-dir ${B}/ptest --config profile.release.lto=false --config profile.release.codegen-units=16 --config profile.release.opt-level=1 --config profile.release.strip=\"debuginfo\""
CARGO_BUILD_FLAGS:append:task-compile-ptest-cargo = " ${EDGEBENCH_LITE_PTEST_PROFILE} --config build.rustc-wrapper=\"${B}/rustc-for-ptest\""
# BitBake does not see what a task alone appends.
# nooelint: oelint.vars.mispell.unknown - a task of the class, which kirkstone lacks
do_compile_ptest_cargo[vardeps] += "EDGEBENCH_LITE_PTEST_PROFILE"

# The tests name the checkout, the binary and a scratch folder of the machine that
# compiles them: those of the board instead.
do_configure_ptest() {
    printf '%s\n' '#!/bin/sh' '[ -z "$CARGO_PRIMARY_PACKAGE" ] ||' \
        'set -- env CARGO_MANIFEST_DIR=${PTEST_PATH} CARGO_TARGET_TMPDIR=/tmp \' \
        'CARGO_BIN_EXE_edgebench-lite=${bindir}/edgebench-lite "$@"' \
        'exec "$@"' >${B}/rustc-for-ptest
    chmod +x ${B}/rustc-for-ptest
}

# The program is no test, and two of the tests look at the source.
do_compile_ptest() {
    sed -i '\,/\(edgebench-lite\|house-[0-9a-f]*\|pages-[0-9a-f]*\)$,d' ${CARGO_TEST_BINARIES_FILES}
}

# Captures and golden files, not the source; nothing here is a program.
do_install_ptest() {
    cp -R --no-dereference --preserve=links ${S}/tests ${D}${PTEST_PATH}
    for attack in board extremes fuzz power rehearsal sanitizers; do
        rm -rf ${D}${PTEST_PATH}/tests/$attack
    done
    find ${D}${PTEST_PATH}/tests -name '*.rs' -delete
    find ${D}${PTEST_PATH}/tests -type f -exec chmod 0644 {} +
    find ${D}${PTEST_PATH}/tests -type d -empty -delete
}

# What tests/support/check.py imports, and unshare, with which some tests have a
# namespace of their own.
RDEPENDS:${PN}-ptest += "python3-core python3-html python3-json python3-xml util-linux-unshare"

# Scarthgap's class installs the library as well, which nothing else links.
do_install:append() {
    rm -rf ${D}${libdir}/rustlib
}

BBCLASSEXTEND = "native"
