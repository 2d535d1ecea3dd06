# Another file, so that what is off changes not even the signature of the image.
require ${@bb.utils.contains('EDGEBENCH_LITE_IN_IMAGE', '1', 'lmp-base-console-image-edgebench-lite.inc', '', d)}
