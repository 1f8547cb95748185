# What we stand on: Debian's packages, and Arrow from the pyarrow wheel that tools/setup unpacks.
find_package(Threads REQUIRED)
# Found by file: Debian's own dnnl-config.cmake asks for OpenCL, which the CPU library doesn't need.
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.h REQUIRED)
find_library(DNNL_LIBRARY dnnl REQUIRED)
find_program(PODIUM_PROTOC protoc REQUIRED)
include(PodiumArrow)
