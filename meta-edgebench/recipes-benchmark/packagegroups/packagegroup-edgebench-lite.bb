SUMMARY = "Benchmark of edge software, and its recording at boot"
DESCRIPTION = "edgebench-lite, built here or elsewhere, with what records at boot, \
               which is off until it is turned on."
HOMEPAGE = "https://${EDGEBENCH_LITE_REPOSITORY}"
SECTION = "console/utils"

inherit packagegroup

RDEPENDS:${PN} = "\
    ${VIRTUAL-RUNTIME_edgebench-lite} \
    ${VIRTUAL-RUNTIME_edgebench-lite}-at-boot \
"
