"""Whether a class still does what it did when it was looked at: for short cuts past methods that anybody may replace.

A look costs two comparisons: CPython gives a class a version, which ends when the class or a base of it is changed.
"""

from cpython.object cimport PyTypeObject
from libc.stdint cimport uint32_t, uint64_t

cdef extern from *:
    """
    #ifdef Py_GIL_DISABLED
    #define respool_version(kind) _Py_atomic_load_uint32_relaxed(&(kind)->tp_version_tag)
    #define respool_load(value) _Py_atomic_load_uint64_relaxed(value)
    #define respool_store(value, number) _Py_atomic_store_uint64_relaxed(value, number)
    #else
    #define respool_version(kind) ((kind)->tp_version_tag)
    #define respool_load(value) (*(value))
    #define respool_store(value, number) (*(value) = (number))
    #endif
    """
    uint32_t respool_version(PyTypeObject *kind) noexcept   # no other class has the same; 0: it has none
    uint64_t load "respool_load"(uint64_t *value) noexcept
    void store "respool_store"(uint64_t *value, uint64_t number) noexcept
    PyTypeObject *Py_TYPE(object instance) noexcept


cdef class Watch:
    cdef object judge               # says of a class what there is to know, as an int
    cdef uint64_t seen              # version of the class that was looked at last, and what was said of it; 0: of none

    cdef int look(self, object instance) except -1
    cdef int look_anew(self, PyTypeObject *kind) except -1
