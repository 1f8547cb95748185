# What we stand on: Debian's packages, and Arrow from the pyarrow wheel that tools/setup unpacks.
find_package(Threads REQUIRED)
find_package(dnnl CONFIG QUIET)
include(PodiumArrow)
