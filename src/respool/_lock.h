/* What keeps threads apart.
 *
 * The mutex is the pool's. What is done under it moves fields and never runs Python code, so it never gives the GIL
 * away: on a build with a GIL, the GIL already is the mutex, and a second lock would cost 24 ns a use on CPython 3.12
 * and could be inherited locked by a fork. Free-threaded builds get a real PyMutex, which a forked child makes anew.
 * Built with RESPOOL_DEBUG, a mutex that is locked twice ends the process with a message that says so: somebody ran
 * Python code under it.
 *
 * A section is the GIL of a single object: whoever is in it is alone there until he leaves it, waits for something or
 * lets other threads run. All that touches a connection's fields, or a wire's, with its reader and its ledger, does so
 * in the section of that object, and so may rely on whatever it could rely on with a GIL. Where nothing can fail there
 * is `respool_enter`, which costs nothing with a GIL; elsewhere `cython.critical_section`, which is the same thing.
 *
 * A flag is had by one thread at a time.
 */
#ifndef RESPOOL_LOCK_H
#define RESPOOL_LOCK_H

#include <Python.h>

#if defined(Py_GIL_DISABLED)

typedef PyMutex respool_mutex;
static inline void respool_mutex_init(respool_mutex *mutex) { *mutex = (PyMutex){0}; }
static inline void respool_mutex_lock(respool_mutex *mutex) { PyMutex_Lock(mutex); }
static inline void respool_mutex_unlock(respool_mutex *mutex) { PyMutex_Unlock(mutex); }

typedef PyCriticalSection respool_section;
static inline void respool_enter(respool_section *section, PyObject *owner) { PyCriticalSection_Begin(section, owner); }
static inline void respool_leave(respool_section *section) { PyCriticalSection_End(section); }

typedef int respool_flag;
static inline int respool_claim(respool_flag *flag) { return _Py_atomic_exchange_int(flag, 1) == 0; }
static inline void respool_give_up(respool_flag *flag) { _Py_atomic_store_int(flag, 0); }

#else

typedef struct { char unused; } respool_section;
static inline void respool_enter(respool_section *section, PyObject *owner) { (void)section; (void)owner; }
static inline void respool_leave(respool_section *section) { (void)section; }

typedef int respool_flag;
static inline int respool_claim(respool_flag *flag) { return *flag ? 0 : (*flag = 1); }
static inline void respool_give_up(respool_flag *flag) { *flag = 0; }

typedef struct { char held; } respool_mutex;
static inline void respool_mutex_init(respool_mutex *mutex) { mutex->held = 0; }

#ifdef RESPOOL_DEBUG
static inline void respool_mutex_lock(respool_mutex *mutex) {
    if (mutex->held) {
        Py_FatalError("respool: the pool's lock was entered twice");
    }
    mutex->held = 1;
}
static inline void respool_mutex_unlock(respool_mutex *mutex) { mutex->held = 0; }
#else
static inline void respool_mutex_lock(respool_mutex *mutex) { (void)mutex; }
static inline void respool_mutex_unlock(respool_mutex *mutex) { (void)mutex; }
#endif

#endif
#endif
