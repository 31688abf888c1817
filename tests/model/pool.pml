/* The protocol by which a pool's callers get, hand over and give back connections, for the model checker spin.
 *
 * Each atomic block is what `_slots.pyx` and `_pool.pyx` do while they hold the lock; between the blocks anything may
 * happen, as between their critical sections. Callers run into their time-out, are interrupted (by a signal, or by the
 * cancellation of a task) wherever they wait, fail to connect, and lose connections without a release. The pool is
 * closed meanwhile.
 *
 * With DIALS callers do not connect themselves: the pool dials, at most so many connections at once, and whoever is first
 * in line gets what comes first. A dial fails, is forbidden (by the breaker, or for want of a thread), or is interrupted
 * as it begins; a caller gets a connection that is of no use and stands in line again, before all others; somebody makes
 * a connection of his own.
 *
 * What is shown for every interleaving: there are never more connections than the limit; every place is either idle,
 * with a caller, or on its way to one; who is in line is served in order, and nobody is served who has left it; nobody
 * waits while there is something for him, or room for a dial that nothing has forbidden; and in the end, when all
 * callers have gone, no place is lost.
 *
 * BREAK=1..11 takes a rule of the protocol away, which spin must notice (`make model`); from 6 on one of the dials.
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
#ifndef DIALS
#define DIALS 0
#endif
#ifndef CLOSES
#define CLOSES 1            /* whether the pool is closed meanwhile */
#endif
#ifndef CALM
#define CALM 0              /* nobody is interrupted, and no dial forbidden */
#endif
#ifndef MAKES
#define MAKES 0             /* whether somebody makes a connection of his own */
#endif

/* Holds whenever nobody is in a critical section. */
#define SOUND (created <= LIMIT && created == idle + held + connecting && idle_of_old <= idle && connecting <= MOST)
#define MOST (DIALS + MAKES)        /* one more than dials: who makes a connection of his own */

/* Slots.wants_dial */
#if BREAK == 6
#define WANTS_DIAL (created < LIMIT && connecting < waiting)    /* without a look at how many are under way */
#else
#define WANTS_DIAL (connecting < DIALS && created < LIMIT && connecting < waiting)
#endif

mtype = { AWAY, WAITING, SERVED, LEFT, CLOSED, FAILED };

byte created;               /* places: idle, with a caller, or on their way to one */
byte idle;                  /* connections in the queue */
byte held;                  /* places with callers, connected or not */
byte connecting;            /* places for which a connection is being dialled, or made by somebody for himself */
bool to_look;               /* somebody is to look for whom to dial */
byte begun[2];              /* dials that nobody has taken up yet, by the epoch of their place */
bool forbidden;             /* a dial was not made, and those in line look again themselves: Growth.rest */
byte epoch;                 /* moves when the pool is closed */
byte idle_of_old;           /* idle connections of before that */

mtype state[CALLERS];
bool with_connection[CALLERS];  /* what was delivered is a connection, not the permission to make one */
byte born[CALLERS];             /* epoch of the connection that a caller has */
byte joined[CALLERS];           /* epoch in which he joined the line */
bool bell[CALLERS];

byte line[CALLERS];         /* who waits, longest first */
byte waiting;
byte callers;               /* who has not gone yet, with who closes the pool and who makes a connection of his own */
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

/* With dials whoever is served is woken at once, for the sake of the model's size; without it may take a while. */
inline ring_at_once() {
#if DIALS > 0
    bell[woken] = true
#else
    skip
#endif
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
        state[woken] = SERVED;
        ring_at_once()
    :: else -> woken = CALLERS
    fi
}

/* Slots.serve: deliver to the first in line what there is. */
inline serve() {
    woken = CALLERS;
#if DIALS > 0
    assert(idle == 0 || waiting == 0)       /* a connection, and no permission to make one: it was handed over at once */
#else
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
#endif
}

/* Growth.fail: send away the first in line, or all. */
inline fail(all) {
    do
    :: atomic { waiting > 0 -> woken = line[0]; remove_first(); state[woken] = FAILED; bell[woken] = true };
        if
        :: !all -> break
        :: else
        fi
    :: else -> break
    od
}

/* Growth.give_back: of a reserved place; nothing is dialled for it again. */
inline give_back() {
    atomic {
        hopeless = created == connecting;
        connecting--;
        created--;
        serve()
    }
    wake()
}

/* Growth.grow: dial for those in line. `interrupted` may become true if `waits`. */
inline grow(waits) {
    do
    :: atomic { WANTS_DIAL -> created++; connecting++; asked = epoch };
        if
        :: atomic { begun[asked]++; assert(connecting <= MOST) };
            if
            :: true
            :: waits && !CALM ->    /* interrupted, when the dial may have been taken up already: Growth._claim_dial */
                interrupted = true;
#if BREAK == 7
                give_back();
#else
                atomic {
                    claimed = begun[asked] > 0;
                    if
                    :: claimed -> begun[asked]--
                    :: else
                    fi
                };
                if
                :: claimed -> give_back()
                :: else
                fi;
#endif
                forbidden = true;
                break
            fi
        :: !CALM ->             /* Growth.give_up */
            give_back();
            forbidden = true;
            if
            :: hopeless -> fail(true)
            :: else
            fi;
            break
        fi
    :: else -> break
    od
}

/* Pool.vacated, and the end of Growth._dial: look for whom to dial. In a process of its own, for the sake of the
 * model's size: whoever does it goes on before it is done, which allows for more than can happen. */
inline look() {
#if DIALS > 0
    to_look = true
#else
    skip
#endif
}

inline leave_for_good() {
#if DIALS > 0
    callers--
#else
    skip
#endif
}

/* Slots.remove and Pool.free: the end of a place that a caller has. */
inline free() {
    atomic {
        held--;
        created--;
#if BREAK == 1
        woken = CALLERS;    /* a place that becomes free is offered to nobody */
#else
        serve();
#endif
#if BREAK != 8              /* nobody is dialled for */
        look()
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
#if DIALS == 0
    if
    :: woken != CALLERS -> bell[woken] = true
    :: else
    fi
#endif
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
    byte turn, woken, asked;
    bool stale, interrupted, first, again, hopeless, claimed;
    do
    :: turn == TURNS && !first -> break
    :: else ->
        if
        :: !first -> turn++
        :: else
        fi;
        atomic {            /* Slots.ask; `first`: he has had his turn, and what he got was of no use */
            if
            :: idle > 0 && (waiting == 0 || first) ->
                idle--;
                held++;
                if
                :: idle_of_old > 0 -> idle_of_old--; born[me] = epoch - 1
                :: else -> born[me] = epoch
                fi;
                with_connection[me] = true;
                state[me] = SERVED
#if DIALS == 0
            :: idle == 0 && created < LIMIT && waiting == 0 ->
                created++;
                held++;
                with_connection[me] = false;
                born[me] = epoch;
                state[me] = SERVED
#endif
            :: else ->
                state[me] = WAITING;
                joined[me] = epoch;
                index = waiting;
                do
                :: first && index > 0 -> line[index] = line[index - 1]; index--
                :: else -> break
                od;
                line[index] = me;
                index = 0;
                waiting++;
                assert(idle == 0 && (created == LIMIT || DIALS > 0) || waiting > 1 && !first)
            fi;
            assert(SOUND)
        }
        interrupted = false;
        first = false;
        if
        :: state[me] == WAITING || bell[me] ->
#if DIALS > 0
            grow(me == 0);
#endif
            do                                      /* Growth.rest */
            :: bell[me] -> break                    /* woken; the last caller has no time-out */
            :: me != CALLERS - 1 -> break           /* his time is over */
            :: me == 0 && !CALM -> interrupted = true; break    /* or an exception ends the wait */
            :: interrupted -> break
            :: atomic { forbidden && WANTS_DIAL -> forbidden = false; look() }
            od;
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
#if DIALS > 0
            :: !again -> free(); again = true; first = true     /* Growth.fit: it is closed, and there may be another */
#endif
            fi
        fi;
        atomic { state[me] = AWAY; bell[me] = false }
    od;
    leave_for_good()
}

/* Pool.free: the end of a place for which somebody has dialled. */
inline free_dial() {
    atomic {
        connecting--;
        created--;
        serve();
#if BREAK != 8
        look()
#endif
    };
    wake()
}

#if DIALS > 0
/* Growth._dial: connects, and lands what it has for whoever is first in line. */
inline dial() {
    if
    :: waiting == 0 -> free_dial()                  /* Growth._is_wanted */
    :: true ->
        atomic {
            stale = mine != epoch;
            woken = CALLERS;
            if
            :: !stale ->
                connecting--;
                held++;
#if BREAK != 9                                      /* it is put among the idle ones without a look at the line */
                hand_over(true, mine);
#endif
                if
                :: woken == CALLERS -> idle++; held--
                :: else
                fi
            :: else
            fi
        };
        if
        :: stale -> stale = false; free_dial()
        :: else -> wake(); look()
        fi
    :: true ->                                      /* Growth._dial_failed */
        atomic { hopeless = created == connecting };
        fail(hopeless);
        free_dial()
    fi
}

proctype Dialler() {
    byte woken, asked, mine;
    bool stale, interrupted, hopeless, claimed;
    do
    :: atomic { begun[0] > 0 -> begun[0]--; mine = 0 };
        dial()
    :: atomic { begun[1] > 0 -> begun[1]--; mine = 1 };
        dial()
    :: atomic { callers == 0 && connecting == 0 -> break }
    od
}

/* Growth.grow */
proctype Grower() {
    byte woken, asked;
    bool interrupted, hopeless, claimed;
    do
    :: atomic { to_look -> to_look = false };
        grow(false)
    :: atomic { callers == 0 && connecting == 0 && !to_look -> break }
    od
}
#endif

#if MAKES
/* Pool._admit: somebody makes a connection of his own, and has it closed as it comes back. */
proctype Maker() {
    byte woken, asked;
    bool interrupted, hopeless, claimed;
    if
    :: atomic { waiting == 0 && created < LIMIT && connecting <= DIALS -> created++; connecting++ };
        atomic { connecting--; held++; assert(SOUND) };
#if BREAK != 10                                     /* which is taken for a dial for those in line */
        look();
#endif
        (waiting == 0 || created == LIMIT || connecting > 0 || forbidden);  /* he gives no place to whom it is not for */
        free()
    :: true
    fi;
    leave_for_good()
}
#endif

/* Pool._close: those who have waited from before are refused, idle connections go. */
proctype Closer() {
    byte woken, me, asked;
    bool interrupted, hopeless, claimed;
    atomic { epoch++; idle_of_old = idle }
    do
    :: atomic {
            index = 0;
#if BREAK == 11                                     /* only if he is the first in line */
            if
            :: waiting > 0 && joined[line[0]] == epoch -> index = waiting
            :: else
            fi;
#endif
            do
            :: index < waiting && joined[line[index]] == epoch && BREAK != 5 -> index++
            :: else -> break
            od;
            if
            :: index < waiting ->   /* BREAK 5: also those who came afterwards, although there is a place for them */
                woken = line[index];
                remove_caller(woken);
                assert(joined[woken] != epoch);     /* for these the pool is open again */
                state[woken] = CLOSED
            :: else ->
                index = 0;
                do
                :: index < waiting -> assert(joined[line[index]] == epoch); index++
                :: else -> index = 0; break
                od;
                break
            fi
        };
        bell[woken] = true
    od;
    do
    :: atomic { idle_of_old > 0 -> idle_of_old--; idle--; held++ };
        free()
    :: else -> break
    od;
    leave_for_good()
}

init {
    atomic {
        byte caller;
        do
        :: caller < CALLERS -> state[caller] = AWAY; run Caller(caller); caller++
        :: else -> break
        od;
        callers = CALLERS + CLOSES + MAKES;
#if CLOSES
        run Closer();
#endif
#if MAKES
        run Maker();
#endif
#if DIALS > 0
        run Grower();
        do
        :: caller > CALLERS + DIALS - 1 -> break
        :: else -> run Dialler(); caller++
        od
#endif
    }
    (_nr_pr == 1);
    assert(waiting == 0 && held == 0 && connecting == 0 && created == idle && created <= LIMIT)
}
