#!/usr/bin/env python3
"""Parses meta-edgebench with BitBake itself, once for each series that it names.

usage: parse-layer.py LAYER

Core and LmP stand aside: a layer is made up with the names that the recipes
inherit and the variables that they expand. What a class does is not tried here;
that every line parses, every source is found or has its checksum, and every
switch does what the README says, is.
"""

import glob
import hashlib
import os
import re
import sys
import tempfile
import types

# BitBake's servers are no part of its package, and not needed to parse.
for absent in ("hashserv", "hashserv.client", "prserv", "codegen"):
    sys.modules.setdefault(absent, types.ModuleType(absent))
sys.modules["hashserv"].create_client = lambda *_, **__: None

import bb.cookerdata  # noqa: E402
import bb.fetch2  # noqa: E402

BASE = """
addtask do_unpack
do_unpack() {
    :
}
addtask do_build after do_unpack
do_build() {
    :
}
"""

CONF = r"""
PN = "${@bb.parse.vars_from_file(d.getVar('FILE', False), d)[0]}"
PV = "${@bb.parse.vars_from_file(d.getVar('FILE', False), d)[1] or '1.0'}"
BPN = "${@d.getVar('PN').removesuffix('-native')}"
BP = "${BPN}-${PV}"
TMPDIR = "${TOPDIR}/tmp"
CACHE = "${TOPDIR}/cache"
PERSISTENT_DIR = "${TOPDIR}/cache"
DL_DIR = "${TOPDIR}/downloads"
STAMP = "${TMPDIR}/${PN}"
T = "${TMPDIR}/${PN}"
WORKDIR = "${TMPDIR}/${PN}"
S = "${WORKDIR}/${BP}"
B = "${WORKDIR}/build"
D = "${WORKDIR}/image"
FILE_DIRNAME = "${@os.path.dirname(d.getVar('FILE', False))}"
FILESPATH = "${FILE_DIRNAME}/files"
BB_SIGNATURE_HANDLER = "basic"
BB_HASH_IGNORE_MISMATCH = "1"
DISTRO_FEATURES ?= "systemd"
OVERRIDES = "pn-${PN}:class-target"
bindir = "/usr/bin"
libdir = "/usr/lib"
datadir = "/usr/share"
mandir = "/usr/share/man"
sysconfdir = "/etc"
systemd_system_unitdir = "/usr/lib/systemd/system"
"""

IMAGE = """
SUMMARY = "Stands in for LmP's"
CORE_IMAGE_BASE_INSTALL = "packagegroup-base"
addtask do_rootfs before do_build
do_rootfs() {
    : ${CORE_IMAGE_BASE_INSTALL}
}
"""

# Not in kirkstone: cargo-update-recipe-crates, ptest-cargo.
CLASSES = ["base", "cargo", "native", "packagegroup", "systemd", "update-rc.d"]
SINCE_LANGDALE = ["cargo-update-recipe-crates", "ptest-cargo"]


# Which package of Python has a module that the tests' scripts import, in every series.
MODULES = {"html": "html", "json": "json", "xml": "xml"}
MODULES.update(dict.fromkeys(["csv", "io", "os", "re", "sys", "zlib"], "core"))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Build:
    """A build configuration of one series."""

    def __init__(self, layer, series, settings=()):
        self.top = tempfile.mkdtemp()
        self.layer = layer
        core, lmp = self.top + "/core", self.top + "/lmp"
        classes = CLASSES + ([] if series == "kirkstone" else SINCE_LANGDALE)
        for name in classes:
            write(f"{core}/classes/{name}.bbclass", BASE if name == "base" else "# nothing\n")
        write(core + "/conf/bitbake.conf", CONF + "include conf/local.conf\n")
        for path, name in ((core, "core"), (lmp, "meta-lmp-base")):
            write(
                path + "/conf/layer.conf",
                'BBPATH .= ":${LAYERDIR}"\n'
                'BBFILES += "${LAYERDIR}/recipes-*/*/*.bb"\n'
                f'BBFILE_COLLECTIONS += "{name}"\n'
                f'BBFILE_PATTERN_{name} = "^${{LAYERDIR}}/"\n'
                f'LAYERSERIES_CORENAMES = "{series}"\n'
                f'LAYERSERIES_COMPAT_{name} = "{series}"\n',
            )
        self.image = lmp + "/recipes-samples/images/lmp-base-console-image.bb"
        write(self.image, IMAGE)
        layers = f'BBPATH = "${{TOPDIR}}"\nBBFILES ?= ""\nBBLAYERS = "{core} {lmp} {layer}"\n'
        write(self.top + "/conf/bblayers.conf", layers)
        rust = '"1.59%"' if series == "kirkstone" else '"1.75%"'
        write(self.top + "/conf/local.conf", f"RUSTVERSION = {rust}\n" + "".join(f'{k} = "{v}"\n' for k, v in settings))
        os.chdir(self.top)
        os.environ["BBPATH"] = self.top
        config = bb.cookerdata.CookerConfiguration()
        config.env = dict(os.environ)
        config.prefile = config.postfile = config.extra_assume_provided = []
        self.builder = bb.cookerdata.CookerDataBuilder(config, worker=False)
        self.builder.parseBaseConfiguration(worker=True)
        self.data = self.builder.data

    def recipe(self, path, appends=()):
        return self.builder.parseRecipe(path, list(appends), "")

    def recipes(self):
        for folder, _, names in sorted(os.walk(self.layer)):
            for name in sorted(names):
                if name.endswith(".bb"):
                    yield folder + "/" + name

    def appends(self):
        patterns = self.data.getVar("BBFILES").split()
        own = [pattern for pattern in patterns if pattern.startswith(self.layer)]
        return [path for pattern in own for path in glob.glob(pattern) if path.endswith(".bbappend")]


def check(wrong, series, what, is_right):
    if not is_right:
        wrong.append(f"{series}: {what}")


def changes_signatures(build, appends):
    before, after = build.recipe(build.image), build.recipe(build.image, appends)
    return before.getVar("__siggen_basehashes") != after.getVar("__siggen_basehashes")


def check_sources(wrong, series, name, data):
    urls = (data.getVar("SRC_URI") or "").split()
    fetch = bb.fetch2.Fetch(urls, data)
    crates = [fetch.ud[url] for url in urls if fetch.ud[url].type == "crate"]
    for crate in crates:
        check(wrong, series, f"{name}: {crate.url} has no checksum", crate.sha256_expected)
    print(f"{series}: {name} {data.getVar('PV')}: {len(urls)} sources, {len(crates)} of them crates")
    return crates


def check_license(wrong, series, name, data, top):
    expected = []
    files = data.getVar("EDGEBENCH_LITE_FILES")
    for license, source in (("LICENSE", "LICENSE"), (f"{files}/THIRD-PARTY-NOTICES", "src/THIRD-PARTY-NOTICES")):
        with open(f"{top}/{source}", "rb") as file:
            expected.append(f"file://{license};md5={hashlib.md5(file.read()).hexdigest()}")
    given = (data.getVar("LIC_FILES_CHKSUM") or "").split()
    check(wrong, series, f"{name}: LIC_FILES_CHKSUM is not {' '.join(expected)}", given == expected)


def check_unicode_license(wrong, series, name, data):
    """Where core has no text of the license, the class takes it from a file of LIC_FILES_CHKSUM."""
    given = data.getVarFlag("NO_GENERIC_LICENSE", "Unicode-3.0")
    expected = data.getVar("EDGEBENCH_LITE_FILES") + "/THIRD-PARTY-NOTICES" if series in ("kirkstone", "scarthgap") else ""
    check(wrong, series, f"{name} takes the text of Unicode-3.0 from '{given}', not '{expected}'", given == expected)


def check_tests_dependencies(wrong, series, data, top):
    """What the tests' scripts import comes with them."""
    given = (data.getVar("RDEPENDS:edgebench-lite-ptest") or "").split()
    for script in ("support/check.py", "logs/decode.py"):
        with open(f"{top}/tests/{script}", encoding="utf-8") as file:
            imported = re.findall(r"^ *import (\w+)", file.read(), re.MULTILINE)
        for module in imported:
            package = f"python3-{MODULES.get(module)}"
            check(wrong, series, f"{script} imports {module}, which the tests' package does not depend on", package in given)


def check_conflicts(wrong, series, data):
    """Whatever both recipes have, only one may install."""
    for package in [""] + ["-doc"] + re.findall(r"edgebench-lite-bin(-[a-z-]+)", data.getVar("PACKAGE_BEFORE_PN")):
        given = data.getVar(f"RCONFLICTS:edgebench-lite-bin{package}")
        check(wrong, series, f"edgebench-lite-bin{package} conflicts with {given}", given == f"edgebench-lite{package}")


def check_series(wrong, layer, series):
    top = os.path.dirname(layer)
    build = Build(layer, series)
    crates = []
    for path in build.recipes():
        data = build.recipe(path)
        name = data.getVar("PN")
        for required in ("SUMMARY", "DESCRIPTION", "HOMEPAGE", "SECTION"):
            check(wrong, series, f"{name} has no {required}", data.getVar(required))
        if name.startswith("edgebench-lite"):
            check_license(wrong, series, name, data, top)
            check_unicode_license(wrong, series, name, data)
            check(wrong, series, f"{name} has no CVE_PRODUCT", data.getVar("CVE_PRODUCT") == "edgebench-lite")
        if name == "edgebench-lite":
            too_old = series == "kirkstone"
            check(wrong, series, f"{name} is skipped where Rust is too old, and only there", bool(data.getVar("__SKIPPED")) == too_old)
            crates = check_sources(wrong, series, name, data)
            check_tests_dependencies(wrong, series, data, top)
        if name == "edgebench-lite-bin":
            check(wrong, series, f"{name} is not skipped without an archive", data.getVar("__SKIPPED"))
    check(wrong, series, "no crates", crates)
    preferred = "VIRTUAL-RUNTIME_edgebench-lite"
    check(wrong, series, "built from source is not the default", build.data.getVar(preferred) == "edgebench-lite")

    appends = build.appends()
    check(wrong, series, "one image is appended to", len(appends) == 1)
    installed = build.recipe(build.image, appends).getVar("CORE_IMAGE_BASE_INSTALL")
    check(wrong, series, f"off, the image has {installed}", installed == "packagegroup-base")
    check(wrong, series, "off, the image's signatures change", not changes_signatures(build, appends))

    # With everything on.
    archive = build.top + "/archive.tar.gz"
    write(archive, "")
    empty = hashlib.sha256(b"").hexdigest()
    settings = {
        "EDGEBENCH_LITE_ARCHIVE": archive,
        "EDGEBENCH_LITE_ARCHIVE_SHA256": empty,
        "EDGEBENCH_LITE_IN_IMAGE": "1",
        "EDGEBENCH_LITE_AT_BOOT": "1",
        "DISTRO_FEATURES": "systemd sysvinit",
    }
    build = Build(layer, series, settings.items())
    check(wrong, series, "an archive is not preferred", build.data.getVar(preferred) == "edgebench-lite-bin")
    installed = build.recipe(build.image, appends).getVar("CORE_IMAGE_BASE_INSTALL")
    check(wrong, series, f"on, the image has {installed}", installed == "packagegroup-base packagegroup-edgebench-lite")
    check(wrong, series, "on, the image's signatures stay", changes_signatures(build, appends))
    for path in build.recipes():
        data = build.recipe(path)
        name = data.getVar("PN")
        if name.startswith("edgebench-lite"):
            expected = name == "edgebench-lite" and series == "kirkstone"
            check(wrong, series, f"{name} is skipped, or should be", bool(data.getVar("__SKIPPED")) == expected)
            check(wrong, series, f"{name} does not record at boot", data.getVar("SYSTEMD_AUTO_ENABLE") == "enable")
        if name == "edgebench-lite-bin":
            check_sources(wrong, series, name, data)
            check_conflicts(wrong, series, data)
            # The archive of this checksum, unless it is that of a release.
            version = data.getVar("PV")
            expected = version + ("0+" + empty[:10] if version.endswith("+git") else "")
            check(wrong, series, f"{name} is packaged as {data.getVar('PKGV')}", data.getVar("PKGV") == expected)


def main(layer):
    layer = os.path.realpath(layer)
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    with open(layer + "/conf/layer.conf", encoding="utf-8") as file:
        compatible = re.search(r'^LAYERSERIES_COMPAT_\w+ = "(.*)"$', file.read(), re.MULTILINE)
    wrong = []
    for series in compatible[1].split():
        check_series(wrong, layer, series)
    for what in wrong:
        print(what, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
