#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "podium/interop/array.h"

namespace podium::interop {
/// The arrays of an HDF5 file as h5py writes it by default, which is how Keras keeps its weights: groups by symbol
/// tables, data in one piece. A reader of our own, since HDF5's library is not made for files that may come from
/// anyone; here every address and length is bounded, and nothing but numbers is read. What is stored otherwise (newer
/// groups, chunks, filters) is refused by name.
/// Source: https://docs.hdfgroup.org/archive/support/HDF5/doc/H5.format.html, versions 0 and 1 of the structures.
class Hdf5 {
 public:
  /// Looks into bytes that somebody else owns, and finds all arrays. `what` begins the messages.
  Hdf5(std::string_view bytes, std::string what);

  bool has(std::string_view path) const { return headers_.find(path) != headers_.end(); }
  /// The paths of all arrays, "layers/dense/vars/0".
  std::vector<std::string> paths() const;
  // Each throws Error naming the array if it is missing, of another type, or stored otherwise.
  Array floats(std::string_view path) const;
  std::int64_t integer(std::string_view path) const;

 private:
  std::string what_;
  std::string_view bytes_;
  std::map<std::string, std::uint64_t, std::less<>> headers_;  // path to the address of its object header
};

/// The attributes of an HDF5 file's root: their texts, "" of one that is no single text. What is not stored as h5py
/// does by default is left out; never more than a file's first object is looked at. Throws Error if that is not sound.
std::map<std::string, std::string> hdf5_attributes(std::string_view bytes, const std::string& what);
}  // namespace podium::interop
