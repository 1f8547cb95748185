# podium::podium is every room at once; the rest makes `cmake --install` and `find_package(podium)`.
get_property(rooms GLOBAL PROPERTY PODIUM_ROOMS)
add_library(podium_podium INTERFACE)
add_library(podium::podium ALIAS podium_podium)
set_target_properties(podium_podium PROPERTIES EXPORT_NAME podium)
target_link_libraries(podium_podium INTERFACE ${rooms})
if(NOT PODIUM_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)

# Arrow travels with us in lib/podium; what stands beside it finds it wherever the prefix is moved to.
install(FILES ${arrow_library} ${parquet_library} DESTINATION lib/podium)
set_target_properties(${rooms} PROPERTIES INSTALL_RPATH "$ORIGIN;$ORIGIN/podium")
install(TARGETS ${rooms} podium_podium EXPORT podiumTargets
  ARCHIVE DESTINATION lib LIBRARY DESTINATION lib INCLUDES DESTINATION include)
if(TARGET podium)
  set_target_properties(podium PROPERTIES INSTALL_RPATH "$ORIGIN/../lib;$ORIGIN/../lib/podium")
  install(TARGETS podium RUNTIME DESTINATION bin)
endif()
install(EXPORT podiumTargets NAMESPACE podium:: DESTINATION lib/cmake/podium)

# A header that includes Arrow, or what protoc made, is a room's own affair.
file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/podium/*.h)
foreach(header ${headers})
  file(STRINGS ${PROJECT_SOURCE_DIR}/${header} foreign REGEX "#include (<(arrow|parquet|google)/|.*[.]pb[.]h)" LIMIT_COUNT 1)
  if(NOT foreign)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION include/${folder})
  endif()
endforeach()

configure_file(${CMAKE_CURRENT_LIST_DIR}/podiumConfig.cmake.in ${PROJECT_BINARY_DIR}/podiumConfig.cmake @ONLY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/podiumConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/podiumConfig.cmake ${PROJECT_BINARY_DIR}/podiumConfigVersion.cmake
  DESTINATION lib/cmake/podium)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/podium)
if(EXISTS ${PODIUM_ARROW_ROOT}/LICENSE.txt)
  install(FILES ${PODIUM_ARROW_ROOT}/LICENSE.txt DESTINATION share/doc/podium RENAME arrow-LICENSE.txt)
  install(FILES ${PODIUM_ARROW_ROOT}/NOTICE.txt DESTINATION share/doc/podium RENAME arrow-NOTICE.txt)
endif()
