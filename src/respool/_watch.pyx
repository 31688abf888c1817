"""Whether a class still does what it did when it was looked at; see the layout."""

import cython


@cython.final
cdef class Watch:
    """Remembers what `judge(class)` says for as long as it can be true.

    Parameters
    ----------
    judge : callable
        Says of a class what there is to know, as an int of 0 or more, from its attributes and those of its bases alone.
    """

    def __cinit__(self, judge):
        self.judge = judge

    cdef int look(self, object instance) except -1:
        """What there is to know of an object's class."""
        cdef PyTypeObject *kind = Py_TYPE(instance)
        cdef uint64_t seen = load(&self.seen)
        cdef uint32_t version = respool_version(kind)
        if version != 0 and seen >> 32 == version:
            return <int><uint32_t>seen
        return self.look_anew(kind)

    cdef int look_anew(self, PyTypeObject *kind) except -1:
        # From before the look, for another thread may change the class meanwhile.
        (<object>kind).__init__  # a look-up gives it a version, if it has none
        cdef uint32_t version = respool_version(kind)
        cdef int verdict = self.judge(<object>kind)
        if version != 0 and version == respool_version(kind):
            store(&self.seen, <uint64_t>version << 32 | <uint64_t>verdict)
        return verdict
