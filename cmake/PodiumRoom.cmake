# A room is a folder below podium/, one CMake library; the libraries it links are its arrows.
#   podium_room(nn LINKS podium_graph podium_metrics [PRIVATE_LINKS oneDNN] [PROTOS FILE.proto])
function(podium_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # GCC 12 sees an overlap in `"text" + std::string` that is not there (its bug 105651).
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(PODIUM_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(${target} PRIVATE -march=x86-64-v3)
  endif()
  # Nobody reads errno after sqrt; without it the loops over it vectorize.
  target_compile_options(${target} PRIVATE -fno-math-errno)
  if(PODIUM_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${PODIUM_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer -g1)
    target_link_options(${target} PUBLIC -fsanitize=${PODIUM_SANITIZE})
  endif()
endfunction()

# Other people's formats: protoc writes NAME.pb.h and NAME.pb.cc into the build folder, included as they are named here.
function(podium_protos target)
  foreach(proto ${ARGN})
    string(REGEX REPLACE "[.]proto$" "" stem ${proto})
    set(made ${PROJECT_BINARY_DIR}/protos/podium/${stem})
    add_custom_command(OUTPUT ${made}.pb.cc ${made}.pb.h
      COMMAND ${PODIUM_PROTOC} --cpp_out=${PROJECT_BINARY_DIR}/protos --proto_path=${PROJECT_SOURCE_DIR} podium/${proto}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${proto} VERBATIM)
    target_sources(${target} PRIVATE ${made}.pb.cc ${made}.pb.h)
    # Not our code, so not our warnings.
    set_source_files_properties(${made}.pb.cc PROPERTIES COMPILE_OPTIONS -w)
    target_include_directories(${target} SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/protos)
  endforeach()
endfunction()

function(podium_room name)
  cmake_parse_arguments(ROOM "" "" "LINKS;PRIVATE_LINKS;PROTOS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  set(target podium_${name})
  add_library(${target} ${sources})
  add_library(podium::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    DEFINE_SYMBOL "")  # nobody reads it, and without it static and shared builds share what ccache holds
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
  podium_options(${target})
  podium_protos(${target} ${ROOM_PROTOS})
  set_property(GLOBAL APPEND PROPERTY PODIUM_ROOMS ${target})
endfunction()
