"""What keeps threads apart where no GIL does; with a GIL all of it is nothing."""

cdef extern from "_lock.h":
    ctypedef struct Mutex "respool_mutex":
        pass
    void mutex_init "respool_mutex_init"(Mutex *mutex) noexcept
    void lock "respool_mutex_lock"(Mutex *mutex) noexcept
    void unlock "respool_mutex_unlock"(Mutex *mutex) noexcept

    ctypedef struct Section "respool_section":
        pass
    void enter "respool_enter"(Section *section, object owner) noexcept
    void leave "respool_leave"(Section *section) noexcept

    ctypedef int Flag "respool_flag"
    bint claim "respool_claim"(Flag *flag) noexcept
    void give_up "respool_give_up"(Flag *flag) noexcept
