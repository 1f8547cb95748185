# Arrow C++ from the pyarrow wheel, unpacked below PODIUM_ARROW_ROOT: headers in include/, libraries beside it.
set(PODIUM_ARROW_ROOT "${PROJECT_SOURCE_DIR}/.cache/arrow/pyarrow" CACHE PATH "pyarrow's folder")
file(GLOB arrow_library ${PODIUM_ARROW_ROOT}/libarrow.so.*)
file(GLOB parquet_library ${PODIUM_ARROW_ROOT}/libparquet.so.*)
if(NOT arrow_library OR NOT parquet_library)
  message(FATAL_ERROR "Arrow is not in ${PODIUM_ARROW_ROOT}; run tools/setup")
endif()
add_library(podium_arrow SHARED IMPORTED GLOBAL)
set_target_properties(podium_arrow PROPERTIES
  IMPORTED_LOCATION ${arrow_library} INTERFACE_INCLUDE_DIRECTORIES ${PODIUM_ARROW_ROOT}/include)
add_library(podium_parquet SHARED IMPORTED GLOBAL)
set_target_properties(podium_parquet PROPERTIES
  IMPORTED_LOCATION ${parquet_library} INTERFACE_LINK_LIBRARIES podium_arrow)
