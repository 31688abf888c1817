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
        if kind == self.kind and self.version != 0 and respool_version(kind) == self.version:
            return self.verdict
        return self.look_anew(kind)

    cdef int look_anew(self, PyTypeObject *kind) except -1:
        # From before the look, for another thread may change the class meanwhile.
        (<object>kind).__init__  # a look-up gives it a version, if it has none
        cdef unsigned int version = respool_version(kind)
        cdef int verdict = self.judge(<object>kind)
        self.kind = kind
        self.version = version if version == respool_version(kind) else 0
        self.verdict = verdict
        return verdict
