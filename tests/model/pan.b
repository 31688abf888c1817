	switch (t->back) {
	default: Uerror("bad return move");
	case  0: goto R999; /* nothing to undo */

		 /* CLAIM sound */
;
		
	case 3: // STATE 1
		goto R999;

	case 4: // STATE 10
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC :init: */

	case 5: // STATE 1
		;
		((P2 *)_this)->_4_12_caller = trpt->bup.oval;
		;
		goto R999;

	case 6: // STATE 3
		;
		now.state[ Index(((P2 *)_this)->_4_12_caller, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 7: // STATE 4
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;

	case 8: // STATE 5
		;
		((P2 *)_this)->_4_12_caller = trpt->bup.oval;
		;
		goto R999;

	case 9: // STATE 11
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;
;
		;
		;
		;
		
	case 12: // STATE 15
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC Closer */

	case 13: // STATE 2
		;
		now.idle_of_old = trpt->bup.ovals[1];
		now.epoch = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 14: // STATE 5
		;
		((P1 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 15: // STATE 6
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 16: // STATE 9
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 17: // STATE 19
		;
		now.state[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 18: // STATE 25
		;
		now.bell[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 19: // STATE 32
		;
		now.held = trpt->bup.ovals[2];
		now.idle = trpt->bup.ovals[1];
		now.idle_of_old = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 20: // STATE 35
		;
		now.created = trpt->bup.ovals[1];
		now.held = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 21: // STATE 36
		;
		((P1 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 22: // STATE 39
		;
		now.held = trpt->bup.ovals[1];
		now.idle = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 23: // STATE 41
		;
		now.idle_of_old = trpt->bup.oval;
		;
		goto R999;

	case 24: // STATE 43
		;
		((P1 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 25: // STATE 45
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 26: // STATE 48
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 27: // STATE 60
		;
		now.state[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 28: // STATE 62
		;
		((P1 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 29: // STATE 92
		goto R999;

	case 30: // STATE 68
		;
		((P1 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 31: // STATE 70
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 32: // STATE 73
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 33: // STATE 85
		;
		now.state[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 34: // STATE 87
		;
		((P1 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 35: // STATE 122
		goto R999;

	case 36: // STATE 95
		;
		now.held = trpt->bup.ovals[1];
		now.created = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 37: // STATE 97
		;
		((P1 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 38: // STATE 99
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 39: // STATE 102
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 40: // STATE 114
		;
		now.state[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;
;
		
	case 41: // STATE 118
		goto R999;

	case 42: // STATE 116
		;
		((P1 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 44: // STATE 126
		;
		now.bell[ Index(((P1 *)_this)->woken, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 45: // STATE 137
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC Caller */

	case 46: // STATE 1
		;
	/* 0 */	((P0 *)_this)->turn = trpt->bup.oval;
		;
		;
		goto R999;

	case 47: // STATE 4
		;
		((P0 *)_this)->turn = trpt->bup.oval;
		;
		goto R999;

	case 48: // STATE 7
		;
		now.held = trpt->bup.ovals[1];
		now.idle = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 49: // STATE 32
		;
		((P0 *)_this)->interrupted = trpt->bup.ovals[4];
		now.state[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[3];
		now.with_connection[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[2];
		now.born[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[1];
		now.idle_of_old = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 5);
		goto R999;

	case 50: // STATE 32
		;
		((P0 *)_this)->interrupted = trpt->bup.ovals[3];
		now.state[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[2];
		now.with_connection[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[1];
		now.born[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 51: // STATE 32
		;
		((P0 *)_this)->interrupted = trpt->bup.ovals[2];
		now.state[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[1];
		now.with_connection[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 52: // STATE 32
		;
		((P0 *)_this)->interrupted = trpt->bup.oval;
		;
		goto R999;

	case 53: // STATE 32
		;
		((P0 *)_this)->interrupted = trpt->bup.ovals[5];
		now.state[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[4];
		now.born[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[3];
		now.with_connection[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[2];
		now.held = trpt->bup.ovals[1];
		now.created = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 54: // STATE 32
		;
		((P0 *)_this)->interrupted = trpt->bup.ovals[4];
		now.waiting = trpt->bup.ovals[3];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[2];
		now.joined[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[1];
		now.state[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 5);
		goto R999;
;
		;
		;
		;
		;
		;
		
	case 58: // STATE 37
		;
		((P0 *)_this)->interrupted = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 60: // STATE 41
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 61: // STATE 43
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 62: // STATE 50
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 63: // STATE 53
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 64: // STATE 63
		;
		now.state[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;
;
		
	case 65: // STATE 66
		goto R999;

	case 66: // STATE 69
		;
		now.bell[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 67: // STATE 71
		;
		now.bell[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 69: // STATE 75
		;
	/* 0 */	((P0 *)_this)->interrupted = trpt->bup.oval;
		;
		;
		goto R999;
;
		;
		
	case 71: // STATE 79
		;
		((P0 *)_this)->woken = trpt->bup.ovals[1];
		((P0 *)_this)->stale = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		
	case 72: // STATE 112
		goto R999;

	case 73: // STATE 82
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 74: // STATE 84
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 75: // STATE 87
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 76: // STATE 99
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 77: // STATE 101
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 78: // STATE 107
		;
		now.held = trpt->bup.ovals[1];
		now.idle = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		
	case 79: // STATE 110
		goto R999;

	case 80: // STATE 115
		;
		((P0 *)_this)->stale = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->stale = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 81: // STATE 117
		;
		now.created = trpt->bup.ovals[1];
		now.held = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 82: // STATE 118
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 83: // STATE 121
		;
		now.held = trpt->bup.ovals[1];
		now.idle = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 84: // STATE 123
		;
		now.idle_of_old = trpt->bup.oval;
		;
		goto R999;

	case 85: // STATE 125
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 86: // STATE 127
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 87: // STATE 130
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 88: // STATE 142
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 89: // STATE 144
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 90: // STATE 174
		goto R999;

	case 91: // STATE 150
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 92: // STATE 152
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 93: // STATE 155
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 94: // STATE 167
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 95: // STATE 169
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 96: // STATE 204
		goto R999;

	case 97: // STATE 177
		;
		now.held = trpt->bup.ovals[1];
		now.created = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 98: // STATE 179
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 99: // STATE 181
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 100: // STATE 184
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 101: // STATE 196
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;
;
		
	case 102: // STATE 200
		goto R999;

	case 103: // STATE 198
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 105: // STATE 208
		;
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 107: // STATE 216
		;
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 108: // STATE 226
		;
		now.created = trpt->bup.ovals[1];
		now.held = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 109: // STATE 227
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 110: // STATE 230
		;
		now.held = trpt->bup.ovals[1];
		now.idle = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 111: // STATE 232
		;
		now.idle_of_old = trpt->bup.oval;
		;
		goto R999;

	case 112: // STATE 234
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 113: // STATE 236
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 114: // STATE 239
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 115: // STATE 251
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 116: // STATE 253
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 117: // STATE 283
		goto R999;

	case 118: // STATE 259
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 119: // STATE 261
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 120: // STATE 264
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 121: // STATE 276
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 122: // STATE 278
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 123: // STATE 313
		goto R999;

	case 124: // STATE 286
		;
		now.held = trpt->bup.ovals[1];
		now.created = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 125: // STATE 288
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 126: // STATE 290
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 127: // STATE 293
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 128: // STATE 305
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;
;
		
	case 129: // STATE 309
		goto R999;

	case 130: // STATE 307
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 132: // STATE 317
		;
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 133: // STATE 325
		;
	/* 0 */	((P0 *)_this)->interrupted = trpt->bup.oval;
		;
		;
		goto R999;
;
		;
		;
		;
		
	case 136: // STATE 328
		;
		now.born[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 137: // STATE 333
		;
		((P0 *)_this)->woken = trpt->bup.ovals[1];
		((P0 *)_this)->stale = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		
	case 138: // STATE 366
		goto R999;

	case 139: // STATE 336
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 140: // STATE 338
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 141: // STATE 341
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 142: // STATE 353
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 143: // STATE 355
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 144: // STATE 361
		;
		now.held = trpt->bup.ovals[1];
		now.idle = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		
	case 145: // STATE 364
		goto R999;

	case 146: // STATE 369
		;
		((P0 *)_this)->stale = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->stale = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 147: // STATE 371
		;
		now.created = trpt->bup.ovals[1];
		now.held = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 148: // STATE 372
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 149: // STATE 375
		;
		now.held = trpt->bup.ovals[1];
		now.idle = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 150: // STATE 377
		;
		now.idle_of_old = trpt->bup.oval;
		;
		goto R999;

	case 151: // STATE 379
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 152: // STATE 381
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 153: // STATE 384
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 154: // STATE 396
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 155: // STATE 398
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 156: // STATE 428
		goto R999;

	case 157: // STATE 404
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 158: // STATE 406
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 159: // STATE 409
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 160: // STATE 421
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 161: // STATE 423
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 162: // STATE 458
		goto R999;

	case 163: // STATE 431
		;
		now.held = trpt->bup.ovals[1];
		now.created = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 164: // STATE 433
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 165: // STATE 435
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 166: // STATE 438
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 167: // STATE 450
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;
;
		
	case 168: // STATE 454
		goto R999;

	case 169: // STATE 452
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 171: // STATE 462
		;
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 173: // STATE 470
		;
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 174: // STATE 479
		;
		now.created = trpt->bup.ovals[1];
		now.held = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 175: // STATE 480
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 176: // STATE 483
		;
		now.held = trpt->bup.ovals[1];
		now.idle = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 177: // STATE 485
		;
		now.idle_of_old = trpt->bup.oval;
		;
		goto R999;

	case 178: // STATE 487
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 179: // STATE 489
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 180: // STATE 492
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 181: // STATE 504
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 182: // STATE 506
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 183: // STATE 536
		goto R999;

	case 184: // STATE 512
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 185: // STATE 514
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 186: // STATE 517
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 187: // STATE 529
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;

	case 188: // STATE 531
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		
	case 189: // STATE 566
		goto R999;

	case 190: // STATE 539
		;
		now.held = trpt->bup.ovals[1];
		now.created = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 191: // STATE 541
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;

	case 192: // STATE 543
		;
		now.index = trpt->bup.oval;
		;
		goto R999;

	case 193: // STATE 546
		;
		now.index = trpt->bup.ovals[1];
		now.line[ Index((now.index-1), 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 194: // STATE 558
		;
		now.state[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[5];
		now.born[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[4];
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.ovals[3];
		now.index = trpt->bup.ovals[2];
		now.line[ Index(now.waiting, 3) ] = trpt->bup.ovals[1];
		now.waiting = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 6);
		goto R999;
;
		
	case 195: // STATE 562
		goto R999;

	case 196: // STATE 560
		;
		((P0 *)_this)->woken = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 198: // STATE 570
		;
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 199: // STATE 581
		;
		now.bell[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[1];
		now.state[ Index(((P0 *)_this)->me, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 200: // STATE 586
		;
		p_restor(II);
		;
		;
		goto R999;
	}

