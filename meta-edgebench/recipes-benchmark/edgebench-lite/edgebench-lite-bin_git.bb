require edgebench-lite.inc

PV = "0.1.0+git"

# What .ci/board-archive has made, by its absolute path, and its checksum: the two
# lines that it prints belong into the build's configuration.
EDGEBENCH_LITE_ARCHIVE ?= ""
EDGEBENCH_LITE_ARCHIVE_SHA256 ?= ""
EDGEBENCH_LITE_FILES = "."
SRC_URI = "file://${EDGEBENCH_LITE_ARCHIVE}"
# Before a release, archives differ in nothing else. So does OpenEmbedded with commits.
PKGV = "${PV}${@'0+' + (d.getVar('EDGEBENCH_LITE_ARCHIVE_SHA256') or '')[:10] if d.getVar('PV').endswith('+git') else ''}"

# Linked statically against musl: the libc of the image is of no concern to it.
COMPATIBLE_HOST = "aarch64.*-linux.*"
INHIBIT_DEFAULT_DEPS = "1"
INHIBIT_PACKAGE_STRIP = "1"
INHIBIT_PACKAGE_DEBUG_SPLIT = "1"
INHIBIT_SYSROOT_STRIP = "1"

# nooelint: oelint.task.noanonpython - a recipe can be skipped only while it is parsed
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

# Of the package that is built from source, each has the same files.
RCONFLICTS:${PN} = "edgebench-lite"
RCONFLICTS:${PN}-at-boot = "edgebench-lite-at-boot"
RCONFLICTS:${PN}-doc = "edgebench-lite-doc"
RCONFLICTS:${PN}-bash-completion = "edgebench-lite-bash-completion"
RCONFLICTS:${PN}-zsh-completion = "edgebench-lite-zsh-completion"
RCONFLICTS:${PN}-fish-completion = "edgebench-lite-fish-completion"
