"""Whether a class still does what it did when it was looked at: for short cuts past methods that anybody may replace.

A look costs two comparisons: CPython gives a class a version, which ends when the class or a base of it is changed.
"""

from cpython.object cimport PyTypeObject

cdef extern from *:
    """
    static inline unsigned int respool_version(PyTypeObject *kind) {
        return kind->tp_version_tag;    /* 0: it has none */
    }
    """
    unsigned int respool_version(PyTypeObject *kind) noexcept
    PyTypeObject *Py_TYPE(object instance) noexcept


cdef class Watch:
    cdef object judge               # says of a class what there is to know, as an int
    cdef PyTypeObject *kind         # that was looked at last
    cdef unsigned int version       # of which this holds; 0: of none
    cdef int verdict

    cdef int look(self, object instance) except -1
    cdef int look_anew(self, PyTypeObject *kind) except -1
