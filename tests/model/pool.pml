/* The protocol by which a pool's callers get, hand over and give back connections, for the model checker spin.
 *
 * Each atomic block is what `_slots.pyx` and `_pool.pyx` do while they hold the lock; between the blocks anything may
 * happen, as between their critical sections. Callers run into their time-out, are interrupted (by a signal, or by the
 * cancellation of a task) wherever they wait, fail to connect, and lose connections without a release. The pool is
 * closed meanwhile.
 *
 * What is shown for every interleaving: there are never more connections than the limit; every place is either idle,
 * with a caller, or on its way to one; who is in line is served in order, and nobody is served who has left it; nobody
 * waits while there is something for him; and in the end, when all callers have gone, no place is lost.
 *
 * BREAK=1..5 takes a rule of the protocol away, which spin must notice (`make model`).
 */

#ifndef CALLERS
#define CALLERS 3
#endif
#ifndef LIMIT
#define LIMIT 1
#endif
#ifndef TURNS
#define TURNS 2
#endif
#ifndef BREAK
#define BREAK 0
#endif

/* Holds whenever nobody is in a critical section. */
#define SOUND (created <= LIMIT && created == idle + held && idle_of_old <= idle)

mtype = { AWAY, WAITING, SERVED, LEFT, CLOSED };

byte created;               /* places: idle, with a caller, or on their way to one */
byte idle;                  /* connections in the queue */
byte held;                  /* places with callers, connected or not */
byte epoch;                 /* moves when the pool is closed */
byte idle_of_old;           /* idle connections of before that */

mtype state[CALLERS];
bool with_connection[CALLERS];  /* what was delivered is a connection, not the permission to make one */
byte born[CALLERS];             /* epoch of the connection that a caller has */
byte joined[CALLERS];           /* epoch in which he joined the line */
bool bell[CALLERS];

byte line[CALLERS];         /* who waits, longest first */
byte waiting;
byte index;                 /* used within one atomic block only */

inline remove_first() {
    index = 1;
    do
    :: index < waiting -> line[index - 1] = line[index]; index++
    :: else -> break
    od;
    waiting--;
    line[waiting] = 0;
    index = 0
}

inline remove_caller(caller) {
    index = 0;
    do
    :: index < waiting && line[index] != caller -> index++
    :: else -> break
    od;
    assert(index < waiting);
    index++;
    do
    :: index < waiting -> line[index - 1] = line[index]; index++
    :: else -> break
    od;
    waiting--;
    line[waiting] = 0;
    index = 0
}

/* Slots.hand_over: deliver this very place to the first in line. Sets `woken`, CALLERS if nobody waits. */
inline hand_over(connected, of_epoch) {
    if
    :: waiting > 0 ->
        woken = line[0];
        assert(state[woken] == WAITING);
        remove_first();
        with_connection[woken] = connected;
        born[woken] = of_epoch;
        state[woken] = SERVED
    :: else -> woken = CALLERS
    fi
}

/* Slots.serve: deliver to the first in line what there is. */
inline serve() {
    woken = CALLERS;
    if
    :: waiting > 0 && idle > 0 ->
        idle--;
        held++;
        if
        :: idle_of_old > 0 -> idle_of_old--; hand_over(true, epoch - 1)
        :: else -> hand_over(true, epoch)
        fi
    :: waiting > 0 && idle == 0 && created < LIMIT ->
        created++;
        held++;
        hand_over(false, epoch)
    :: else
    fi
}

/* Slots.remove and Pool.free: the end of a place that a caller has. */
inline free() {
    atomic {
        held--;
        created--;
#if BREAK == 1
        woken = CALLERS     /* a place that becomes free is offered to nobody */
#else
        serve()
#endif
    }
    wake()
}

/* Pool.settle: a connection comes back. One of before the pool was closed leaves it. */
inline settle() {
    atomic {
        if
        :: born[me] != epoch ->
            stale = true;
            woken = CALLERS
        :: else ->
#if BREAK == 2
            woken = CALLERS;    /* it is put among the idle ones without a look at the line */
#else
            hand_over(true, born[me]);
#endif
            if
            :: woken == CALLERS -> idle++; held--
            :: else
            fi
        fi
    }
    if
    :: stale -> stale = false; free()
    :: else -> wake()
    fi
}

inline wake() {
    assert(SOUND);
    if
    :: woken != CALLERS -> bell[woken] = true
    :: else
    fi
}

/* Pool.leave: from here on nothing is delivered to this caller. */
inline leave() {
#if BREAK == 3
    if
    :: state[me] == WAITING -> atomic { remove_caller(me) }     /* looked up outside the lock */
        state[me] = LEFT
    :: else
    fi
#else
    atomic {
        if
        :: state[me] == WAITING -> remove_caller(me); state[me] = LEFT
        :: else
        fi
    }
#endif
}

proctype Caller(byte me) {
    byte turn, woken;
    bool stale, interrupted;
    do
    :: turn == TURNS -> break
    :: else ->
        turn++;
        atomic {            /* Slots.ask */
            if
            :: idle > 0 && waiting == 0 ->
                idle--;
                held++;
                if
                :: idle_of_old > 0 -> idle_of_old--; born[me] = epoch - 1
                :: else -> born[me] = epoch
                fi;
                with_connection[me] = true;
                state[me] = SERVED
            :: idle == 0 && created < LIMIT && waiting == 0 ->
                created++;
                held++;
                with_connection[me] = false;
                born[me] = epoch;
                state[me] = SERVED
            :: else ->
                state[me] = WAITING;
                joined[me] = epoch;
                line[waiting] = me;
                waiting++;
                assert(idle == 0 && created == LIMIT || waiting > 1)
            fi;
            assert(SOUND)
        }
        interrupted = false;
        if
        :: state[me] == WAITING || bell[me] ->
            if
            :: bell[me]                             /* woken; the last caller has no time-out */
            :: me != CALLERS - 1                    /* his time is over */
            :: me == 0 -> interrupted = true        /* or an exception ends the wait */
            fi;
            leave();
            bell[me] = false
        :: else -> bell[me] = false
        fi;
        if
        :: state[me] != SERVED                      /* he gets an error */
        :: state[me] == SERVED && interrupted ->
#if BREAK == 4
            skip                                    /* what was delivered meanwhile is forgotten */
#else
            if
            :: with_connection[me] -> settle()
            :: else -> free()
            fi
#endif
        :: state[me] == SERVED && !interrupted ->
            if
            :: with_connection[me]
            :: !with_connection[me] -> born[me] = epoch     /* Pool.fill: built outside the lock */
            fi;
            if
            :: settle()             /* used and released */
            :: free()               /* or it could not be built, or died without a release */
            fi
        fi;
        atomic { state[me] = AWAY; bell[me] = false }
    od
}

/* Pool._close: those who have waited from before are refused, idle connections go. */
proctype Closer() {
    byte woken, me;
    atomic { epoch++; idle_of_old = idle }
    do
    :: atomic {
            if
#if BREAK == 5
            :: waiting > 0 ->       /* also those who came afterwards, although there is a place for them */
#else
            :: waiting > 0 && joined[line[0]] != epoch ->
#endif
                woken = line[0];
                remove_first();
                assert(joined[woken] != epoch);     /* for these the pool is open again */
                state[woken] = CLOSED
            :: else -> break
            fi
        };
        bell[woken] = true
    od;
    do
    :: atomic { idle_of_old > 0 -> idle_of_old--; idle--; held++ };
        free()
    :: else -> break
    od
}

init {
    atomic {
        byte caller;
        do
        :: caller < CALLERS -> state[caller] = AWAY; run Caller(caller); caller++
        :: else -> break
        od;
        run Closer()
    }
    (_nr_pr == 1);
    assert(waiting == 0 && held == 0 && created == idle && created <= LIMIT)
}
