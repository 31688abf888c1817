#define rand	pan_rand
#define pthread_equal(a,b)	((a)==(b))
#if defined(HAS_CODE) && defined(VERBOSE)
	#ifdef BFS_PAR
		bfs_printf("Pr: %d Tr: %d\n", II, t->forw);
	#else
		cpu_printf("Pr: %d Tr: %d\n", II, t->forw);
	#endif
#endif
	switch (t->forw) {
	default: Uerror("bad forward move");
	case 0:	/* if without executable clauses */
		continue;
	case 1: /* generic 'goto' or 'skip' */
		IfNotBlocked
		_m = 3; goto P999;
	case 2: /* generic 'else' */
		IfNotBlocked
		if (trpt->o_pm&1) continue;
		_m = 3; goto P999;

		 /* CLAIM sound */
	case 3: // STATE 1 - _spin_nvr.tmp:3 - [(!((((created<=1)&&(created==(idle+held)))&&(idle_of_old<=idle))))] (6:0:0 - 1)
		
#if defined(VERI) && !defined(NP)
#if NCLAIMS>1
		{	static int reported1 = 0;
			if (verbose && !reported1)
			{	int nn = (int) ((Pclaim *)pptr(0))->_n;
				printf("depth %ld: Claim %s (%d), state %d (line %d)\n",
					depth, procname[spin_c_typ[nn]], nn, (int) ((Pclaim *)pptr(0))->_p, src_claim[ (int) ((Pclaim *)pptr(0))->_p ]);
				reported1 = 1;
				fflush(stdout);
		}	}
#else
		{	static int reported1 = 0;
			if (verbose && !reported1)
			{	printf("depth %d: Claim, state %d (line %d)\n",
					(int) depth, (int) ((Pclaim *)pptr(0))->_p, src_claim[ (int) ((Pclaim *)pptr(0))->_p ]);
				reported1 = 1;
				fflush(stdout);
		}	}
#endif
#endif
		reached[3][1] = 1;
		if (!( !((((((int)now.created)<=1)&&(((int)now.created)==(((int)now.idle)+((int)now.held))))&&(((int)now.idle_of_old)<=((int)now.idle))))))
			continue;
		/* merge: assert(!(!((((created<=1)&&(created==(idle+held)))&&(idle_of_old<=idle)))))(0, 2, 6) */
		reached[3][2] = 1;
		spin_assert( !( !((((((int)now.created)<=1)&&(((int)now.created)==(((int)now.idle)+((int)now.held))))&&(((int)now.idle_of_old)<=((int)now.idle))))), " !( !((((created<=1)&&(created==(idle+held)))&&(idle_of_old<=idle))))", II, tt, t);
		/* merge: .(goto)(0, 7, 6) */
		reached[3][7] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 4: // STATE 10 - _spin_nvr.tmp:8 - [-end-] (0:0:0 - 1)
		
#if defined(VERI) && !defined(NP)
#if NCLAIMS>1
		{	static int reported10 = 0;
			if (verbose && !reported10)
			{	int nn = (int) ((Pclaim *)pptr(0))->_n;
				printf("depth %ld: Claim %s (%d), state %d (line %d)\n",
					depth, procname[spin_c_typ[nn]], nn, (int) ((Pclaim *)pptr(0))->_p, src_claim[ (int) ((Pclaim *)pptr(0))->_p ]);
				reported10 = 1;
				fflush(stdout);
		}	}
#else
		{	static int reported10 = 0;
			if (verbose && !reported10)
			{	printf("depth %d: Claim, state %d (line %d)\n",
					(int) depth, (int) ((Pclaim *)pptr(0))->_p, src_claim[ (int) ((Pclaim *)pptr(0))->_p ]);
				reported10 = 1;
				fflush(stdout);
		}	}
#endif
#endif
		reached[3][10] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC :init: */
	case 5: // STATE 1 - pool.pml:274 - [caller = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[2][1] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->_4_12_caller);
		((P2 *)_this)->_4_12_caller = 0;
#ifdef VAR_RANGES
		logval(":init::caller", ((int)((P2 *)_this)->_4_12_caller));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 6: // STATE 2 - pool.pml:275 - [((caller<3))] (4:0:1 - 1)
		IfNotBlocked
		reached[2][2] = 1;
		if (!((((int)((P2 *)_this)->_4_12_caller)<3)))
			continue;
		/* merge: state[caller] = AWAY(0, 3, 4) */
		reached[2][3] = 1;
		(trpt+1)->bup.oval = now.state[ Index(((int)((P2 *)_this)->_4_12_caller), 3) ];
		now.state[ Index(((P2 *)_this)->_4_12_caller, 3) ] = 5;
#ifdef VAR_RANGES
		logval("state[:init::caller]", now.state[ Index(((int)((P2 *)_this)->_4_12_caller), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 7: // STATE 4 - pool.pml:275 - [(run Caller(caller))] (0:0:0 - 1)
		IfNotBlocked
		reached[2][4] = 1;
		if (!(addproc(II, 1, 0, ((int)((P2 *)_this)->_4_12_caller))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 8: // STATE 5 - pool.pml:275 - [caller = (caller+1)] (0:0:1 - 1)
		IfNotBlocked
		reached[2][5] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->_4_12_caller);
		((P2 *)_this)->_4_12_caller = (((int)((P2 *)_this)->_4_12_caller)+1);
#ifdef VAR_RANGES
		logval(":init::caller", ((int)((P2 *)_this)->_4_12_caller));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 9: // STATE 11 - pool.pml:278 - [(run Closer())] (0:0:0 - 1)
		IfNotBlocked
		reached[2][11] = 1;
		if (!(addproc(II, 1, 1, 0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 10: // STATE 13 - pool.pml:280 - [((_nr_pr==1))] (0:0:0 - 1)
		IfNotBlocked
		reached[2][13] = 1;
		if (!((((int)now._nr_pr)==1)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 11: // STATE 14 - pool.pml:281 - [assert(((((waiting==0)&&(held==0))&&(created==idle))&&(created<=1)))] (0:0:0 - 1)
		IfNotBlocked
		reached[2][14] = 1;
		spin_assert(((((((int)now.waiting)==0)&&(((int)now.held)==0))&&(((int)now.created)==((int)now.idle)))&&(((int)now.created)<=1)), "((((waiting==0)&&(held==0))&&(created==idle))&&(created<=1))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 12: // STATE 15 - pool.pml:282 - [-end-] (0:0:0 - 1)
		IfNotBlocked
		reached[2][15] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC Closer */
	case 13: // STATE 1 - pool.pml:247 - [epoch = (epoch+1)] (0:26:2 - 1)
		IfNotBlocked
		reached[1][1] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.epoch);
		now.epoch = (((int)now.epoch)+1);
#ifdef VAR_RANGES
		logval("epoch", ((int)now.epoch));
#endif
		;
		/* merge: idle_of_old = idle(26, 2, 26) */
		reached[1][2] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.idle_of_old);
		now.idle_of_old = ((int)now.idle);
#ifdef VAR_RANGES
		logval("idle_of_old", ((int)now.idle_of_old));
#endif
		;
		/* merge: .(goto)(0, 27, 26) */
		reached[1][27] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 14: // STATE 4 - pool.pml:254 - [(((waiting>0)&&(joined[line[0]]!=epoch)))] (18:0:1 - 1)
		IfNotBlocked
		reached[1][4] = 1;
		if (!(((((int)now.waiting)>0)&&(((int)now.joined[ Index(((int)now.line[0]), 3) ])!=((int)now.epoch)))))
			continue;
		/* merge: woken = line[0](0, 5, 18) */
		reached[1][5] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->woken);
		((P1 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Closer:woken", ((int)((P1 *)_this)->woken));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 15: // STATE 6 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[1][6] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 16: // STATE 7 - pool.pml:49 - [((index<waiting))] (12:0:2 - 1)
		IfNotBlocked
		reached[1][7] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](12, 8, 12) */
		reached[1][8] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(12, 9, 12) */
		reached[1][9] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 13, 12) */
		reached[1][13] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 17: // STATE 15 - pool.pml:52 - [waiting = (waiting-1)] (0:25:4 - 3)
		IfNotBlocked
		reached[1][15] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(25, 16, 25) */
		reached[1][16] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(25, 17, 25) */
		reached[1][17] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: state[woken] = CLOSED(25, 19, 25) */
		reached[1][19] = 1;
		(trpt+1)->bup.ovals[3] = now.state[ Index(((int)((P1 *)_this)->woken), 3) ];
		now.state[ Index(((P1 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("state[Closer:woken]", now.state[ Index(((int)((P1 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(25, 23, 25) */
		reached[1][23] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 18: // STATE 25 - pool.pml:262 - [bell[woken] = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[1][25] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P1 *)_this)->woken), 3) ]);
		now.bell[ Index(((P1 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("bell[Closer:woken]", ((int)now.bell[ Index(((int)((P1 *)_this)->woken), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 19: // STATE 29 - pool.pml:265 - [((idle_of_old>0))] (131:0:3 - 1)
		IfNotBlocked
		reached[1][29] = 1;
		if (!((((int)now.idle_of_old)>0)))
			continue;
		/* merge: idle_of_old = (idle_of_old-1)(131, 30, 131) */
		reached[1][30] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.idle_of_old);
		now.idle_of_old = (((int)now.idle_of_old)-1);
#ifdef VAR_RANGES
		logval("idle_of_old", ((int)now.idle_of_old));
#endif
		;
		/* merge: idle = (idle-1)(131, 31, 131) */
		reached[1][31] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.idle);
		now.idle = (((int)now.idle)-1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held+1)(131, 32, 131) */
		reached[1][32] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 3 */
	case 20: // STATE 34 - pool.pml:110 - [held = (held-1)] (0:123:2 - 1)
		IfNotBlocked
		reached[1][34] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.held);
		now.held = (((int)now.held)-1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: created = (created-1)(123, 35, 123) */
		reached[1][35] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.created);
		now.created = (((int)now.created)-1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 21: // STATE 36 - pool.pml:90 - [woken = 3] (0:0:1 - 1)
		IfNotBlocked
		reached[1][36] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->woken);
		((P1 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Closer:woken", ((int)((P1 *)_this)->woken));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 22: // STATE 37 - pool.pml:92 - [(((waiting>0)&&(idle>0)))] (91:0:2 - 1)
		IfNotBlocked
		reached[1][37] = 1;
		if (!(((((int)now.waiting)>0)&&(((int)now.idle)>0))))
			continue;
		/* merge: idle = (idle-1)(91, 38, 91) */
		reached[1][38] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.idle);
		now.idle = (((int)now.idle)-1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held+1)(91, 39, 91) */
		reached[1][39] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 23: // STATE 40 - pool.pml:96 - [((idle_of_old>0))] (65:0:1 - 1)
		IfNotBlocked
		reached[1][40] = 1;
		if (!((((int)now.idle_of_old)>0)))
			continue;
		/* merge: idle_of_old = (idle_of_old-1)(0, 41, 65) */
		reached[1][41] = 1;
		(trpt+1)->bup.oval = ((int)now.idle_of_old);
		now.idle_of_old = (((int)now.idle_of_old)-1);
#ifdef VAR_RANGES
		logval("idle_of_old", ((int)now.idle_of_old));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 24: // STATE 42 - pool.pml:77 - [((waiting>0))] (57:0:1 - 1)
		IfNotBlocked
		reached[1][42] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](57, 43, 57) */
		reached[1][43] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->woken);
		((P1 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Closer:woken", ((int)((P1 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(57, 44, 57) */
		reached[1][44] = 1;
		spin_assert((now.state[ Index(((int)((P1 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 25: // STATE 45 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[1][45] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 26: // STATE 46 - pool.pml:49 - [((index<waiting))] (51:0:2 - 1)
		IfNotBlocked
		reached[1][46] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](51, 47, 51) */
		reached[1][47] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(51, 48, 51) */
		reached[1][48] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 52, 51) */
		reached[1][52] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 27: // STATE 54 - pool.pml:52 - [waiting = (waiting-1)] (0:130:6 - 3)
		IfNotBlocked
		reached[1][54] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(130, 55, 130) */
		reached[1][55] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(130, 56, 130) */
		reached[1][56] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(130, 58, 130) */
		reached[1][58] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P1 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P1 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Closer:woken]", ((int)now.with_connection[ Index(((int)((P1 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = (epoch-1)(130, 59, 130) */
		reached[1][59] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P1 *)_this)->woken), 3) ]);
		now.born[ Index(((P1 *)_this)->woken, 3) ] = (((int)now.epoch)-1);
#ifdef VAR_RANGES
		logval("born[Closer:woken]", ((int)now.born[ Index(((int)((P1 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(130, 60, 130) */
		reached[1][60] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P1 *)_this)->woken), 3) ];
		now.state[ Index(((P1 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Closer:woken]", now.state[ Index(((int)((P1 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(130, 64, 130) */
		reached[1][64] = 1;
		;
		/* merge: .(goto)(130, 92, 130) */
		reached[1][92] = 1;
		;
		/* merge: .(goto)(130, 122, 130) */
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 28: // STATE 62 - pool.pml:84 - [woken = 3] (0:130:1 - 1)
		IfNotBlocked
		reached[1][62] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->woken);
		((P1 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Closer:woken", ((int)((P1 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(130, 64, 130) */
		reached[1][64] = 1;
		;
		/* merge: .(goto)(130, 92, 130) */
		reached[1][92] = 1;
		;
		/* merge: .(goto)(130, 122, 130) */
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 29: // STATE 92 - pool.pml:99 - [.(goto)] (0:130:0 - 6)
		IfNotBlocked
		reached[1][92] = 1;
		;
		/* merge: .(goto)(130, 122, 130) */
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 30: // STATE 67 - pool.pml:77 - [((waiting>0))] (82:0:1 - 1)
		IfNotBlocked
		reached[1][67] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](82, 68, 82) */
		reached[1][68] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->woken);
		((P1 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Closer:woken", ((int)((P1 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(82, 69, 82) */
		reached[1][69] = 1;
		spin_assert((now.state[ Index(((int)((P1 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 31: // STATE 70 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[1][70] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 32: // STATE 71 - pool.pml:49 - [((index<waiting))] (76:0:2 - 1)
		IfNotBlocked
		reached[1][71] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](76, 72, 76) */
		reached[1][72] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(76, 73, 76) */
		reached[1][73] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 77, 76) */
		reached[1][77] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 33: // STATE 79 - pool.pml:52 - [waiting = (waiting-1)] (0:130:6 - 3)
		IfNotBlocked
		reached[1][79] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(130, 80, 130) */
		reached[1][80] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(130, 81, 130) */
		reached[1][81] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(130, 83, 130) */
		reached[1][83] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P1 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P1 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Closer:woken]", ((int)now.with_connection[ Index(((int)((P1 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(130, 84, 130) */
		reached[1][84] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P1 *)_this)->woken), 3) ]);
		now.born[ Index(((P1 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Closer:woken]", ((int)now.born[ Index(((int)((P1 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(130, 85, 130) */
		reached[1][85] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P1 *)_this)->woken), 3) ];
		now.state[ Index(((P1 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Closer:woken]", now.state[ Index(((int)((P1 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(130, 89, 130) */
		reached[1][89] = 1;
		;
		/* merge: .(goto)(130, 92, 130) */
		reached[1][92] = 1;
		;
		/* merge: .(goto)(130, 122, 130) */
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 34: // STATE 87 - pool.pml:84 - [woken = 3] (0:130:1 - 1)
		IfNotBlocked
		reached[1][87] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->woken);
		((P1 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Closer:woken", ((int)((P1 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(130, 89, 130) */
		reached[1][89] = 1;
		;
		/* merge: .(goto)(130, 92, 130) */
		reached[1][92] = 1;
		;
		/* merge: .(goto)(130, 122, 130) */
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 35: // STATE 122 - pool.pml:105 - [.(goto)] (0:130:0 - 3)
		IfNotBlocked
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 36: // STATE 93 - pool.pml:99 - [((((waiting>0)&&(idle==0))&&(created<1)))] (119:0:2 - 1)
		IfNotBlocked
		reached[1][93] = 1;
		if (!((((((int)now.waiting)>0)&&(((int)now.idle)==0))&&(((int)now.created)<1))))
			continue;
		/* merge: created = (created+1)(119, 94, 119) */
		reached[1][94] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.created);
		now.created = (((int)now.created)+1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		/* merge: held = (held+1)(119, 95, 119) */
		reached[1][95] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 37: // STATE 96 - pool.pml:77 - [((waiting>0))] (111:0:1 - 1)
		IfNotBlocked
		reached[1][96] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](111, 97, 111) */
		reached[1][97] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->woken);
		((P1 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Closer:woken", ((int)((P1 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(111, 98, 111) */
		reached[1][98] = 1;
		spin_assert((now.state[ Index(((int)((P1 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 38: // STATE 99 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[1][99] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 39: // STATE 100 - pool.pml:49 - [((index<waiting))] (105:0:2 - 1)
		IfNotBlocked
		reached[1][100] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](105, 101, 105) */
		reached[1][101] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(105, 102, 105) */
		reached[1][102] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 106, 105) */
		reached[1][106] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 40: // STATE 108 - pool.pml:52 - [waiting = (waiting-1)] (0:130:6 - 3)
		IfNotBlocked
		reached[1][108] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(130, 109, 130) */
		reached[1][109] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(130, 110, 130) */
		reached[1][110] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 0(130, 112, 130) */
		reached[1][112] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P1 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P1 *)_this)->woken, 3) ] = 0;
#ifdef VAR_RANGES
		logval("with_connection[Closer:woken]", ((int)now.with_connection[ Index(((int)((P1 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(130, 113, 130) */
		reached[1][113] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P1 *)_this)->woken), 3) ]);
		now.born[ Index(((P1 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Closer:woken]", ((int)now.born[ Index(((int)((P1 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(130, 114, 130) */
		reached[1][114] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P1 *)_this)->woken), 3) ];
		now.state[ Index(((P1 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Closer:woken]", now.state[ Index(((int)((P1 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(130, 118, 130) */
		reached[1][118] = 1;
		;
		/* merge: .(goto)(130, 122, 130) */
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 7 */
	case 41: // STATE 118 - pool.pml:86 - [.(goto)] (0:130:0 - 2)
		IfNotBlocked
		reached[1][118] = 1;
		;
		/* merge: .(goto)(130, 122, 130) */
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 42: // STATE 116 - pool.pml:84 - [woken = 3] (0:130:1 - 1)
		IfNotBlocked
		reached[1][116] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->woken);
		((P1 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Closer:woken", ((int)((P1 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(130, 118, 130) */
		reached[1][118] = 1;
		;
		/* merge: .(goto)(130, 122, 130) */
		reached[1][122] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 43: // STATE 125 - pool.pml:148 - [((woken!=3))] (0:0:0 - 1)
		IfNotBlocked
		reached[1][125] = 1;
		if (!((((int)((P1 *)_this)->woken)!=3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 44: // STATE 126 - pool.pml:148 - [bell[woken] = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[1][126] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P1 *)_this)->woken), 3) ]);
		now.bell[ Index(((P1 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("bell[Closer:woken]", ((int)now.bell[ Index(((int)((P1 *)_this)->woken), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 45: // STATE 137 - pool.pml:269 - [-end-] (0:0:0 - 3)
		IfNotBlocked
		reached[1][137] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC Caller */
	case 46: // STATE 1 - pool.pml:175 - [((turn==2))] (0:0:1 - 1)
		IfNotBlocked
		reached[0][1] = 1;
		if (!((((int)((P0 *)_this)->turn)==2)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: turn */  (trpt+1)->bup.oval = ((P0 *)_this)->turn;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->turn = 0;
		_m = 3; goto P999; /* 0 */
	case 47: // STATE 4 - pool.pml:177 - [turn = (turn+1)] (0:0:1 - 1)
		IfNotBlocked
		reached[0][4] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->turn);
		((P0 *)_this)->turn = (((int)((P0 *)_this)->turn)+1);
#ifdef VAR_RANGES
		logval("Caller:turn", ((int)((P0 *)_this)->turn));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 48: // STATE 5 - pool.pml:183 - [(((idle>0)&&(waiting==0)))] (13:0:2 - 1)
		IfNotBlocked
		reached[0][5] = 1;
		if (!(((((int)now.idle)>0)&&(((int)now.waiting)==0))))
			continue;
		/* merge: idle = (idle-1)(13, 6, 13) */
		reached[0][6] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.idle);
		now.idle = (((int)now.idle)-1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held+1)(13, 7, 13) */
		reached[0][7] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 49: // STATE 8 - pool.pml:188 - [((idle_of_old>0))] (72:0:5 - 1)
		IfNotBlocked
		reached[0][8] = 1;
		if (!((((int)now.idle_of_old)>0)))
			continue;
		/* merge: idle_of_old = (idle_of_old-1)(72, 9, 72) */
		reached[0][9] = 1;
		(trpt+1)->bup.ovals = grab_ints(5);
		(trpt+1)->bup.ovals[0] = ((int)now.idle_of_old);
		now.idle_of_old = (((int)now.idle_of_old)-1);
#ifdef VAR_RANGES
		logval("idle_of_old", ((int)now.idle_of_old));
#endif
		;
		/* merge: born[me] = (epoch-1)(72, 10, 72) */
		reached[0][10] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.born[ Index(((P0 *)_this)->me, 3) ] = (((int)now.epoch)-1);
#ifdef VAR_RANGES
		logval("born[Caller:me]", ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: .(goto)(72, 14, 72) */
		reached[0][14] = 1;
		;
		/* merge: with_connection[me] = 1(72, 15, 72) */
		reached[0][15] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->me, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:me]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: state[me] = SERVED(72, 16, 72) */
		reached[0][16] = 1;
		(trpt+1)->bup.ovals[3] = now.state[ Index(((int)((P0 *)_this)->me), 3) ];
		now.state[ Index(((P0 *)_this)->me, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:me]", now.state[ Index(((int)((P0 *)_this)->me), 3) ]);
#endif
		;
		/* merge: .(goto)(72, 30, 72) */
		reached[0][30] = 1;
		;
		/* merge: interrupted = 0(72, 32, 72) */
		reached[0][32] = 1;
		(trpt+1)->bup.ovals[4] = ((int)((P0 *)_this)->interrupted);
		((P0 *)_this)->interrupted = 0;
#ifdef VAR_RANGES
		logval("Caller:interrupted", ((int)((P0 *)_this)->interrupted));
#endif
		;
		_m = 3; goto P999; /* 7 */
	case 50: // STATE 12 - pool.pml:189 - [born[me] = epoch] (0:72:4 - 1)
		IfNotBlocked
		reached[0][12] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.born[ Index(((P0 *)_this)->me, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:me]", ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: .(goto)(72, 14, 72) */
		reached[0][14] = 1;
		;
		/* merge: with_connection[me] = 1(72, 15, 72) */
		reached[0][15] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->me, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:me]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: state[me] = SERVED(72, 16, 72) */
		reached[0][16] = 1;
		(trpt+1)->bup.ovals[2] = now.state[ Index(((int)((P0 *)_this)->me), 3) ];
		now.state[ Index(((P0 *)_this)->me, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:me]", now.state[ Index(((int)((P0 *)_this)->me), 3) ]);
#endif
		;
		/* merge: .(goto)(72, 30, 72) */
		reached[0][30] = 1;
		;
		/* merge: interrupted = 0(72, 32, 72) */
		reached[0][32] = 1;
		(trpt+1)->bup.ovals[3] = ((int)((P0 *)_this)->interrupted);
		((P0 *)_this)->interrupted = 0;
#ifdef VAR_RANGES
		logval("Caller:interrupted", ((int)((P0 *)_this)->interrupted));
#endif
		;
		_m = 3; goto P999; /* 5 */
	case 51: // STATE 15 - pool.pml:191 - [with_connection[me] = 1] (0:72:3 - 3)
		IfNotBlocked
		reached[0][15] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->me, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:me]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: state[me] = SERVED(72, 16, 72) */
		reached[0][16] = 1;
		(trpt+1)->bup.ovals[1] = now.state[ Index(((int)((P0 *)_this)->me), 3) ];
		now.state[ Index(((P0 *)_this)->me, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:me]", now.state[ Index(((int)((P0 *)_this)->me), 3) ]);
#endif
		;
		/* merge: .(goto)(72, 30, 72) */
		reached[0][30] = 1;
		;
		/* merge: interrupted = 0(72, 32, 72) */
		reached[0][32] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->interrupted);
		((P0 *)_this)->interrupted = 0;
#ifdef VAR_RANGES
		logval("Caller:interrupted", ((int)((P0 *)_this)->interrupted));
#endif
		;
		_m = 3; goto P999; /* 3 */
	case 52: // STATE 30 - pool.pml:206 - [.(goto)] (0:72:1 - 3)
		IfNotBlocked
		reached[0][30] = 1;
		;
		/* merge: interrupted = 0(72, 32, 72) */
		reached[0][32] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->interrupted);
		((P0 *)_this)->interrupted = 0;
#ifdef VAR_RANGES
		logval("Caller:interrupted", ((int)((P0 *)_this)->interrupted));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 53: // STATE 17 - pool.pml:193 - [((((idle==0)&&(created<1))&&(waiting==0)))] (72:0:6 - 1)
		IfNotBlocked
		reached[0][17] = 1;
		if (!((((((int)now.idle)==0)&&(((int)now.created)<1))&&(((int)now.waiting)==0))))
			continue;
		/* merge: created = (created+1)(72, 18, 72) */
		reached[0][18] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.created);
		now.created = (((int)now.created)+1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		/* merge: held = (held+1)(72, 19, 72) */
		reached[0][19] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: with_connection[me] = 0(72, 20, 72) */
		reached[0][20] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->me, 3) ] = 0;
#ifdef VAR_RANGES
		logval("with_connection[Caller:me]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: born[me] = epoch(72, 21, 72) */
		reached[0][21] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.born[ Index(((P0 *)_this)->me, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:me]", ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: state[me] = SERVED(72, 22, 72) */
		reached[0][22] = 1;
		(trpt+1)->bup.ovals[4] = now.state[ Index(((int)((P0 *)_this)->me), 3) ];
		now.state[ Index(((P0 *)_this)->me, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:me]", now.state[ Index(((int)((P0 *)_this)->me), 3) ]);
#endif
		;
		/* merge: .(goto)(72, 30, 72) */
		reached[0][30] = 1;
		;
		/* merge: interrupted = 0(72, 32, 72) */
		reached[0][32] = 1;
		(trpt+1)->bup.ovals[5] = ((int)((P0 *)_this)->interrupted);
		((P0 *)_this)->interrupted = 0;
#ifdef VAR_RANGES
		logval("Caller:interrupted", ((int)((P0 *)_this)->interrupted));
#endif
		;
		_m = 3; goto P999; /* 7 */
	case 54: // STATE 24 - pool.pml:200 - [state[me] = WAITING] (0:72:5 - 1)
		IfNotBlocked
		reached[0][24] = 1;
		(trpt+1)->bup.ovals = grab_ints(5);
		(trpt+1)->bup.ovals[0] = now.state[ Index(((int)((P0 *)_this)->me), 3) ];
		now.state[ Index(((P0 *)_this)->me, 3) ] = 4;
#ifdef VAR_RANGES
		logval("state[Caller:me]", now.state[ Index(((int)((P0 *)_this)->me), 3) ]);
#endif
		;
		/* merge: joined[me] = epoch(72, 25, 72) */
		reached[0][25] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.joined[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.joined[ Index(((P0 *)_this)->me, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("joined[Caller:me]", ((int)now.joined[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: line[waiting] = me(72, 26, 72) */
		reached[0][26] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = ((int)((P0 *)_this)->me);
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: waiting = (waiting+1)(72, 27, 72) */
		reached[0][27] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)+1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: assert(((idle==0)||(waiting>1)))(72, 28, 72) */
		reached[0][28] = 1;
		spin_assert(((((int)now.idle)==0)||(((int)now.waiting)>1)), "((idle==0)||(waiting>1))", II, tt, t);
		/* merge: .(goto)(72, 30, 72) */
		reached[0][30] = 1;
		;
		/* merge: interrupted = 0(72, 32, 72) */
		reached[0][32] = 1;
		(trpt+1)->bup.ovals[4] = ((int)((P0 *)_this)->interrupted);
		((P0 *)_this)->interrupted = 0;
#ifdef VAR_RANGES
		logval("Caller:interrupted", ((int)((P0 *)_this)->interrupted));
#endif
		;
		_m = 3; goto P999; /* 6 */
	case 55: // STATE 33 - pool.pml:209 - [(((state[me]==WAITING)||bell[me]))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][33] = 1;
		if (!(((now.state[ Index(((int)((P0 *)_this)->me), 3) ]==4)||((int)now.bell[ Index(((int)((P0 *)_this)->me), 3) ]))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 56: // STATE 34 - pool.pml:211 - [(bell[me])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][34] = 1;
		if (!(((int)now.bell[ Index(((int)((P0 *)_this)->me), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 57: // STATE 35 - pool.pml:212 - [((me!=(3-1)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][35] = 1;
		if (!((((int)((P0 *)_this)->me)!=(3-1))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 58: // STATE 36 - pool.pml:213 - [((me==0))] (68:0:1 - 1)
		IfNotBlocked
		reached[0][36] = 1;
		if (!((((int)((P0 *)_this)->me)==0)))
			continue;
		/* merge: interrupted = 1(0, 37, 68) */
		reached[0][37] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->interrupted);
		((P0 *)_this)->interrupted = 1;
#ifdef VAR_RANGES
		logval("Caller:interrupted", ((int)((P0 *)_this)->interrupted));
#endif
		;
		/* merge: .(goto)(0, 39, 68) */
		reached[0][39] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 59: // STATE 40 - pool.pml:164 - [((state[me]==WAITING))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][40] = 1;
		if (!((now.state[ Index(((int)((P0 *)_this)->me), 3) ]==4)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 60: // STATE 41 - pool.pml:58 - [index = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][41] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 61: // STATE 42 - pool.pml:60 - [(((index<waiting)&&(line[index]!=me)))] (46:0:1 - 1)
		IfNotBlocked
		reached[0][42] = 1;
		if (!(((((int)now.index)<((int)now.waiting))&&(((int)now.line[ Index(((int)now.index), 3) ])!=((int)((P0 *)_this)->me)))))
			continue;
		/* merge: index = (index+1)(0, 43, 46) */
		reached[0][43] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 47, 46) */
		reached[0][47] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 62: // STATE 49 - pool.pml:63 - [assert((index<waiting))] (0:56:1 - 3)
		IfNotBlocked
		reached[0][49] = 1;
		spin_assert((((int)now.index)<((int)now.waiting)), "(index<waiting)", II, tt, t);
		/* merge: index = (index+1)(56, 50, 56) */
		reached[0][50] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 57, 56) */
		reached[0][57] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 63: // STATE 51 - pool.pml:66 - [((index<waiting))] (56:0:2 - 1)
		IfNotBlocked
		reached[0][51] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](56, 52, 56) */
		reached[0][52] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(56, 53, 56) */
		reached[0][53] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 57, 56) */
		reached[0][57] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 64: // STATE 59 - pool.pml:69 - [waiting = (waiting-1)] (0:69:4 - 3)
		IfNotBlocked
		reached[0][59] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(69, 60, 69) */
		reached[0][60] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(69, 61, 69) */
		reached[0][61] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: state[me] = LEFT(69, 63, 69) */
		reached[0][63] = 1;
		(trpt+1)->bup.ovals[3] = now.state[ Index(((int)((P0 *)_this)->me), 3) ];
		now.state[ Index(((P0 *)_this)->me, 3) ] = 2;
#ifdef VAR_RANGES
		logval("state[Caller:me]", now.state[ Index(((int)((P0 *)_this)->me), 3) ]);
#endif
		;
		/* merge: .(goto)(69, 66, 69) */
		reached[0][66] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 65: // STATE 66 - pool.pml:167 - [.(goto)] (0:69:0 - 2)
		IfNotBlocked
		reached[0][66] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 66: // STATE 69 - pool.pml:216 - [bell[me] = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][69] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.bell[ Index(((P0 *)_this)->me, 3) ] = 0;
#ifdef VAR_RANGES
		logval("bell[Caller:me]", ((int)now.bell[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 67: // STATE 71 - pool.pml:217 - [bell[me] = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][71] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.bell[ Index(((P0 *)_this)->me, 3) ] = 0;
#ifdef VAR_RANGES
		logval("bell[Caller:me]", ((int)now.bell[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 68: // STATE 74 - pool.pml:220 - [((state[me]!=SERVED))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][74] = 1;
		if (!((now.state[ Index(((int)((P0 *)_this)->me), 3) ]!=3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 69: // STATE 75 - pool.pml:221 - [(((state[me]==SERVED)&&interrupted))] (0:0:1 - 1)
		IfNotBlocked
		reached[0][75] = 1;
		if (!(((now.state[ Index(((int)((P0 *)_this)->me), 3) ]==3)&&((int)((P0 *)_this)->interrupted))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: interrupted */  (trpt+1)->bup.oval = ((P0 *)_this)->interrupted;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->interrupted = 0;
		_m = 3; goto P999; /* 0 */
	case 70: // STATE 76 - pool.pml:226 - [(with_connection[me])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][76] = 1;
		if (!(((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 71: // STATE 77 - pool.pml:125 - [((born[me]!=epoch))] (221:0:2 - 1)
		IfNotBlocked
		reached[0][77] = 1;
		if (!((((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ])!=((int)now.epoch))))
			continue;
		/* merge: stale = 1(221, 78, 221) */
		reached[0][78] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->stale);
		((P0 *)_this)->stale = 1;
#ifdef VAR_RANGES
		logval("Caller:stale", ((int)((P0 *)_this)->stale));
#endif
		;
		/* merge: woken = 3(221, 79, 221) */
		reached[0][79] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(221, 112, 221) */
		reached[0][112] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 72: // STATE 112 - pool.pml:139 - [.(goto)] (0:221:0 - 2)
		IfNotBlocked
		reached[0][112] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 73: // STATE 81 - pool.pml:77 - [((waiting>0))] (96:0:1 - 1)
		IfNotBlocked
		reached[0][81] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](96, 82, 96) */
		reached[0][82] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(96, 83, 96) */
		reached[0][83] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 74: // STATE 84 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][84] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 75: // STATE 85 - pool.pml:49 - [((index<waiting))] (90:0:2 - 1)
		IfNotBlocked
		reached[0][85] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](90, 86, 90) */
		reached[0][86] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(90, 87, 90) */
		reached[0][87] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 91, 90) */
		reached[0][91] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 76: // STATE 93 - pool.pml:52 - [waiting = (waiting-1)] (0:109:6 - 3)
		IfNotBlocked
		reached[0][93] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(109, 94, 109) */
		reached[0][94] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(109, 95, 109) */
		reached[0][95] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(109, 97, 109) */
		reached[0][97] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = born[me](109, 98, 109) */
		reached[0][98] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(109, 99, 109) */
		reached[0][99] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(0, 103, 109) */
		reached[0][103] = 1;
		;
		_m = 3; goto P999; /* 6 */
	case 77: // STATE 101 - pool.pml:84 - [woken = 3] (0:0:1 - 1)
		IfNotBlocked
		reached[0][101] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 78: // STATE 105 - pool.pml:135 - [((woken==3))] (221:0:2 - 1)
		IfNotBlocked
		reached[0][105] = 1;
		if (!((((int)((P0 *)_this)->woken)==3)))
			continue;
		/* merge: idle = (idle+1)(221, 106, 221) */
		reached[0][106] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.idle);
		now.idle = (((int)now.idle)+1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held-1)(221, 107, 221) */
		reached[0][107] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)-1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: .(goto)(221, 110, 221) */
		reached[0][110] = 1;
		;
		/* merge: .(goto)(221, 112, 221) */
		reached[0][112] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 79: // STATE 110 - pool.pml:138 - [.(goto)] (0:221:0 - 2)
		IfNotBlocked
		reached[0][110] = 1;
		;
		/* merge: .(goto)(221, 112, 221) */
		reached[0][112] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 80: // STATE 114 - pool.pml:141 - [(stale)] (213:0:2 - 1)
		IfNotBlocked
		reached[0][114] = 1;
		if (!(((int)((P0 *)_this)->stale)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: stale */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->stale;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->stale = 0;
		/* merge: stale = 0(0, 115, 213) */
		reached[0][115] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->stale);
		((P0 *)_this)->stale = 0;
#ifdef VAR_RANGES
		logval("Caller:stale", ((int)((P0 *)_this)->stale));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 81: // STATE 116 - pool.pml:110 - [held = (held-1)] (0:205:2 - 1)
		IfNotBlocked
		reached[0][116] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.held);
		now.held = (((int)now.held)-1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: created = (created-1)(205, 117, 205) */
		reached[0][117] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.created);
		now.created = (((int)now.created)-1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 82: // STATE 118 - pool.pml:90 - [woken = 3] (0:0:1 - 1)
		IfNotBlocked
		reached[0][118] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 83: // STATE 119 - pool.pml:92 - [(((waiting>0)&&(idle>0)))] (173:0:2 - 1)
		IfNotBlocked
		reached[0][119] = 1;
		if (!(((((int)now.waiting)>0)&&(((int)now.idle)>0))))
			continue;
		/* merge: idle = (idle-1)(173, 120, 173) */
		reached[0][120] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.idle);
		now.idle = (((int)now.idle)-1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held+1)(173, 121, 173) */
		reached[0][121] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 84: // STATE 122 - pool.pml:96 - [((idle_of_old>0))] (147:0:1 - 1)
		IfNotBlocked
		reached[0][122] = 1;
		if (!((((int)now.idle_of_old)>0)))
			continue;
		/* merge: idle_of_old = (idle_of_old-1)(0, 123, 147) */
		reached[0][123] = 1;
		(trpt+1)->bup.oval = ((int)now.idle_of_old);
		now.idle_of_old = (((int)now.idle_of_old)-1);
#ifdef VAR_RANGES
		logval("idle_of_old", ((int)now.idle_of_old));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 85: // STATE 124 - pool.pml:77 - [((waiting>0))] (139:0:1 - 1)
		IfNotBlocked
		reached[0][124] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](139, 125, 139) */
		reached[0][125] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(139, 126, 139) */
		reached[0][126] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 86: // STATE 127 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][127] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 87: // STATE 128 - pool.pml:49 - [((index<waiting))] (133:0:2 - 1)
		IfNotBlocked
		reached[0][128] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](133, 129, 133) */
		reached[0][129] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(133, 130, 133) */
		reached[0][130] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 134, 133) */
		reached[0][134] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 88: // STATE 136 - pool.pml:52 - [waiting = (waiting-1)] (0:212:6 - 3)
		IfNotBlocked
		reached[0][136] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(212, 137, 212) */
		reached[0][137] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(212, 138, 212) */
		reached[0][138] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(212, 140, 212) */
		reached[0][140] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = (epoch-1)(212, 141, 212) */
		reached[0][141] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = (((int)now.epoch)-1);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(212, 142, 212) */
		reached[0][142] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(212, 146, 212) */
		reached[0][146] = 1;
		;
		/* merge: .(goto)(212, 174, 212) */
		reached[0][174] = 1;
		;
		/* merge: .(goto)(212, 204, 212) */
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 89: // STATE 144 - pool.pml:84 - [woken = 3] (0:212:1 - 1)
		IfNotBlocked
		reached[0][144] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(212, 146, 212) */
		reached[0][146] = 1;
		;
		/* merge: .(goto)(212, 174, 212) */
		reached[0][174] = 1;
		;
		/* merge: .(goto)(212, 204, 212) */
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 90: // STATE 174 - pool.pml:99 - [.(goto)] (0:212:0 - 6)
		IfNotBlocked
		reached[0][174] = 1;
		;
		/* merge: .(goto)(212, 204, 212) */
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 91: // STATE 149 - pool.pml:77 - [((waiting>0))] (164:0:1 - 1)
		IfNotBlocked
		reached[0][149] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](164, 150, 164) */
		reached[0][150] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(164, 151, 164) */
		reached[0][151] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 92: // STATE 152 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][152] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 93: // STATE 153 - pool.pml:49 - [((index<waiting))] (158:0:2 - 1)
		IfNotBlocked
		reached[0][153] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](158, 154, 158) */
		reached[0][154] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(158, 155, 158) */
		reached[0][155] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 159, 158) */
		reached[0][159] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 94: // STATE 161 - pool.pml:52 - [waiting = (waiting-1)] (0:212:6 - 3)
		IfNotBlocked
		reached[0][161] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(212, 162, 212) */
		reached[0][162] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(212, 163, 212) */
		reached[0][163] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(212, 165, 212) */
		reached[0][165] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(212, 166, 212) */
		reached[0][166] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(212, 167, 212) */
		reached[0][167] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(212, 171, 212) */
		reached[0][171] = 1;
		;
		/* merge: .(goto)(212, 174, 212) */
		reached[0][174] = 1;
		;
		/* merge: .(goto)(212, 204, 212) */
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 95: // STATE 169 - pool.pml:84 - [woken = 3] (0:212:1 - 1)
		IfNotBlocked
		reached[0][169] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(212, 171, 212) */
		reached[0][171] = 1;
		;
		/* merge: .(goto)(212, 174, 212) */
		reached[0][174] = 1;
		;
		/* merge: .(goto)(212, 204, 212) */
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 96: // STATE 204 - pool.pml:105 - [.(goto)] (0:212:0 - 3)
		IfNotBlocked
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 97: // STATE 175 - pool.pml:99 - [((((waiting>0)&&(idle==0))&&(created<1)))] (201:0:2 - 1)
		IfNotBlocked
		reached[0][175] = 1;
		if (!((((((int)now.waiting)>0)&&(((int)now.idle)==0))&&(((int)now.created)<1))))
			continue;
		/* merge: created = (created+1)(201, 176, 201) */
		reached[0][176] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.created);
		now.created = (((int)now.created)+1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		/* merge: held = (held+1)(201, 177, 201) */
		reached[0][177] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 98: // STATE 178 - pool.pml:77 - [((waiting>0))] (193:0:1 - 1)
		IfNotBlocked
		reached[0][178] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](193, 179, 193) */
		reached[0][179] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(193, 180, 193) */
		reached[0][180] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 99: // STATE 181 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][181] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 100: // STATE 182 - pool.pml:49 - [((index<waiting))] (187:0:2 - 1)
		IfNotBlocked
		reached[0][182] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](187, 183, 187) */
		reached[0][183] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(187, 184, 187) */
		reached[0][184] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 188, 187) */
		reached[0][188] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 101: // STATE 190 - pool.pml:52 - [waiting = (waiting-1)] (0:212:6 - 3)
		IfNotBlocked
		reached[0][190] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(212, 191, 212) */
		reached[0][191] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(212, 192, 212) */
		reached[0][192] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 0(212, 194, 212) */
		reached[0][194] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 0;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(212, 195, 212) */
		reached[0][195] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(212, 196, 212) */
		reached[0][196] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(212, 200, 212) */
		reached[0][200] = 1;
		;
		/* merge: .(goto)(212, 204, 212) */
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 7 */
	case 102: // STATE 200 - pool.pml:86 - [.(goto)] (0:212:0 - 2)
		IfNotBlocked
		reached[0][200] = 1;
		;
		/* merge: .(goto)(212, 204, 212) */
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 103: // STATE 198 - pool.pml:84 - [woken = 3] (0:212:1 - 1)
		IfNotBlocked
		reached[0][198] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(212, 200, 212) */
		reached[0][200] = 1;
		;
		/* merge: .(goto)(212, 204, 212) */
		reached[0][204] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 104: // STATE 207 - pool.pml:148 - [((woken!=3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][207] = 1;
		if (!((((int)((P0 *)_this)->woken)!=3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 105: // STATE 208 - pool.pml:148 - [bell[woken] = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][208] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("bell[Caller:woken]", ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 106: // STATE 215 - pool.pml:148 - [((woken!=3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][215] = 1;
		if (!((((int)((P0 *)_this)->woken)!=3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 107: // STATE 216 - pool.pml:148 - [bell[woken] = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][216] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("bell[Caller:woken]", ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 108: // STATE 225 - pool.pml:110 - [held = (held-1)] (0:314:2 - 1)
		IfNotBlocked
		reached[0][225] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.held);
		now.held = (((int)now.held)-1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: created = (created-1)(314, 226, 314) */
		reached[0][226] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.created);
		now.created = (((int)now.created)-1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 109: // STATE 227 - pool.pml:90 - [woken = 3] (0:0:1 - 1)
		IfNotBlocked
		reached[0][227] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 110: // STATE 228 - pool.pml:92 - [(((waiting>0)&&(idle>0)))] (282:0:2 - 1)
		IfNotBlocked
		reached[0][228] = 1;
		if (!(((((int)now.waiting)>0)&&(((int)now.idle)>0))))
			continue;
		/* merge: idle = (idle-1)(282, 229, 282) */
		reached[0][229] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.idle);
		now.idle = (((int)now.idle)-1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held+1)(282, 230, 282) */
		reached[0][230] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 111: // STATE 231 - pool.pml:96 - [((idle_of_old>0))] (256:0:1 - 1)
		IfNotBlocked
		reached[0][231] = 1;
		if (!((((int)now.idle_of_old)>0)))
			continue;
		/* merge: idle_of_old = (idle_of_old-1)(0, 232, 256) */
		reached[0][232] = 1;
		(trpt+1)->bup.oval = ((int)now.idle_of_old);
		now.idle_of_old = (((int)now.idle_of_old)-1);
#ifdef VAR_RANGES
		logval("idle_of_old", ((int)now.idle_of_old));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 112: // STATE 233 - pool.pml:77 - [((waiting>0))] (248:0:1 - 1)
		IfNotBlocked
		reached[0][233] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](248, 234, 248) */
		reached[0][234] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(248, 235, 248) */
		reached[0][235] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 113: // STATE 236 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][236] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 114: // STATE 237 - pool.pml:49 - [((index<waiting))] (242:0:2 - 1)
		IfNotBlocked
		reached[0][237] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](242, 238, 242) */
		reached[0][238] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(242, 239, 242) */
		reached[0][239] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 243, 242) */
		reached[0][243] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 115: // STATE 245 - pool.pml:52 - [waiting = (waiting-1)] (0:321:6 - 3)
		IfNotBlocked
		reached[0][245] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(321, 246, 321) */
		reached[0][246] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(321, 247, 321) */
		reached[0][247] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(321, 249, 321) */
		reached[0][249] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = (epoch-1)(321, 250, 321) */
		reached[0][250] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = (((int)now.epoch)-1);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(321, 251, 321) */
		reached[0][251] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(321, 255, 321) */
		reached[0][255] = 1;
		;
		/* merge: .(goto)(321, 283, 321) */
		reached[0][283] = 1;
		;
		/* merge: .(goto)(321, 313, 321) */
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 116: // STATE 253 - pool.pml:84 - [woken = 3] (0:321:1 - 1)
		IfNotBlocked
		reached[0][253] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(321, 255, 321) */
		reached[0][255] = 1;
		;
		/* merge: .(goto)(321, 283, 321) */
		reached[0][283] = 1;
		;
		/* merge: .(goto)(321, 313, 321) */
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 117: // STATE 283 - pool.pml:99 - [.(goto)] (0:321:0 - 6)
		IfNotBlocked
		reached[0][283] = 1;
		;
		/* merge: .(goto)(321, 313, 321) */
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 118: // STATE 258 - pool.pml:77 - [((waiting>0))] (273:0:1 - 1)
		IfNotBlocked
		reached[0][258] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](273, 259, 273) */
		reached[0][259] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(273, 260, 273) */
		reached[0][260] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 119: // STATE 261 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][261] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 120: // STATE 262 - pool.pml:49 - [((index<waiting))] (267:0:2 - 1)
		IfNotBlocked
		reached[0][262] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](267, 263, 267) */
		reached[0][263] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(267, 264, 267) */
		reached[0][264] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 268, 267) */
		reached[0][268] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 121: // STATE 270 - pool.pml:52 - [waiting = (waiting-1)] (0:321:6 - 3)
		IfNotBlocked
		reached[0][270] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(321, 271, 321) */
		reached[0][271] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(321, 272, 321) */
		reached[0][272] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(321, 274, 321) */
		reached[0][274] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(321, 275, 321) */
		reached[0][275] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(321, 276, 321) */
		reached[0][276] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(321, 280, 321) */
		reached[0][280] = 1;
		;
		/* merge: .(goto)(321, 283, 321) */
		reached[0][283] = 1;
		;
		/* merge: .(goto)(321, 313, 321) */
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 122: // STATE 278 - pool.pml:84 - [woken = 3] (0:321:1 - 1)
		IfNotBlocked
		reached[0][278] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(321, 280, 321) */
		reached[0][280] = 1;
		;
		/* merge: .(goto)(321, 283, 321) */
		reached[0][283] = 1;
		;
		/* merge: .(goto)(321, 313, 321) */
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 123: // STATE 313 - pool.pml:105 - [.(goto)] (0:321:0 - 3)
		IfNotBlocked
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 124: // STATE 284 - pool.pml:99 - [((((waiting>0)&&(idle==0))&&(created<1)))] (310:0:2 - 1)
		IfNotBlocked
		reached[0][284] = 1;
		if (!((((((int)now.waiting)>0)&&(((int)now.idle)==0))&&(((int)now.created)<1))))
			continue;
		/* merge: created = (created+1)(310, 285, 310) */
		reached[0][285] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.created);
		now.created = (((int)now.created)+1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		/* merge: held = (held+1)(310, 286, 310) */
		reached[0][286] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 125: // STATE 287 - pool.pml:77 - [((waiting>0))] (302:0:1 - 1)
		IfNotBlocked
		reached[0][287] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](302, 288, 302) */
		reached[0][288] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(302, 289, 302) */
		reached[0][289] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 126: // STATE 290 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][290] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 127: // STATE 291 - pool.pml:49 - [((index<waiting))] (296:0:2 - 1)
		IfNotBlocked
		reached[0][291] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](296, 292, 296) */
		reached[0][292] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(296, 293, 296) */
		reached[0][293] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 297, 296) */
		reached[0][297] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 128: // STATE 299 - pool.pml:52 - [waiting = (waiting-1)] (0:321:6 - 3)
		IfNotBlocked
		reached[0][299] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(321, 300, 321) */
		reached[0][300] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(321, 301, 321) */
		reached[0][301] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 0(321, 303, 321) */
		reached[0][303] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 0;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(321, 304, 321) */
		reached[0][304] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(321, 305, 321) */
		reached[0][305] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(321, 309, 321) */
		reached[0][309] = 1;
		;
		/* merge: .(goto)(321, 313, 321) */
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 7 */
	case 129: // STATE 309 - pool.pml:86 - [.(goto)] (0:321:0 - 2)
		IfNotBlocked
		reached[0][309] = 1;
		;
		/* merge: .(goto)(321, 313, 321) */
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 130: // STATE 307 - pool.pml:84 - [woken = 3] (0:321:1 - 1)
		IfNotBlocked
		reached[0][307] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(321, 309, 321) */
		reached[0][309] = 1;
		;
		/* merge: .(goto)(321, 313, 321) */
		reached[0][313] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 131: // STATE 316 - pool.pml:148 - [((woken!=3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][316] = 1;
		if (!((((int)((P0 *)_this)->woken)!=3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 132: // STATE 317 - pool.pml:148 - [bell[woken] = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][317] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("bell[Caller:woken]", ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 133: // STATE 325 - pool.pml:230 - [(((state[me]==SERVED)&&!(interrupted)))] (0:0:1 - 1)
		IfNotBlocked
		reached[0][325] = 1;
		if (!(((now.state[ Index(((int)((P0 *)_this)->me), 3) ]==3)&& !(((int)((P0 *)_this)->interrupted)))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: interrupted */  (trpt+1)->bup.oval = ((P0 *)_this)->interrupted;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->interrupted = 0;
		_m = 3; goto P999; /* 0 */
	case 134: // STATE 326 - pool.pml:232 - [(with_connection[me])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][326] = 1;
		if (!(((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 135: // STATE 327 - pool.pml:233 - [(!(with_connection[me]))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][327] = 1;
		if (!( !(((int)now.with_connection[ Index(((int)((P0 *)_this)->me), 3) ]))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 136: // STATE 328 - pool.pml:233 - [born[me] = epoch] (0:0:1 - 1)
		IfNotBlocked
		reached[0][328] = 1;
		(trpt+1)->bup.oval = ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.born[ Index(((P0 *)_this)->me, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:me]", ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 137: // STATE 331 - pool.pml:125 - [((born[me]!=epoch))] (475:0:2 - 1)
		IfNotBlocked
		reached[0][331] = 1;
		if (!((((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ])!=((int)now.epoch))))
			continue;
		/* merge: stale = 1(475, 332, 475) */
		reached[0][332] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->stale);
		((P0 *)_this)->stale = 1;
#ifdef VAR_RANGES
		logval("Caller:stale", ((int)((P0 *)_this)->stale));
#endif
		;
		/* merge: woken = 3(475, 333, 475) */
		reached[0][333] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(475, 366, 475) */
		reached[0][366] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 138: // STATE 366 - pool.pml:139 - [.(goto)] (0:475:0 - 2)
		IfNotBlocked
		reached[0][366] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 139: // STATE 335 - pool.pml:77 - [((waiting>0))] (350:0:1 - 1)
		IfNotBlocked
		reached[0][335] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](350, 336, 350) */
		reached[0][336] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(350, 337, 350) */
		reached[0][337] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 140: // STATE 338 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][338] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 141: // STATE 339 - pool.pml:49 - [((index<waiting))] (344:0:2 - 1)
		IfNotBlocked
		reached[0][339] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](344, 340, 344) */
		reached[0][340] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(344, 341, 344) */
		reached[0][341] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 345, 344) */
		reached[0][345] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 142: // STATE 347 - pool.pml:52 - [waiting = (waiting-1)] (0:363:6 - 3)
		IfNotBlocked
		reached[0][347] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(363, 348, 363) */
		reached[0][348] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(363, 349, 363) */
		reached[0][349] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(363, 351, 363) */
		reached[0][351] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = born[me](363, 352, 363) */
		reached[0][352] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.born[ Index(((int)((P0 *)_this)->me), 3) ]);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(363, 353, 363) */
		reached[0][353] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(0, 357, 363) */
		reached[0][357] = 1;
		;
		_m = 3; goto P999; /* 6 */
	case 143: // STATE 355 - pool.pml:84 - [woken = 3] (0:0:1 - 1)
		IfNotBlocked
		reached[0][355] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 144: // STATE 359 - pool.pml:135 - [((woken==3))] (475:0:2 - 1)
		IfNotBlocked
		reached[0][359] = 1;
		if (!((((int)((P0 *)_this)->woken)==3)))
			continue;
		/* merge: idle = (idle+1)(475, 360, 475) */
		reached[0][360] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.idle);
		now.idle = (((int)now.idle)+1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held-1)(475, 361, 475) */
		reached[0][361] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)-1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: .(goto)(475, 364, 475) */
		reached[0][364] = 1;
		;
		/* merge: .(goto)(475, 366, 475) */
		reached[0][366] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 145: // STATE 364 - pool.pml:138 - [.(goto)] (0:475:0 - 2)
		IfNotBlocked
		reached[0][364] = 1;
		;
		/* merge: .(goto)(475, 366, 475) */
		reached[0][366] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 146: // STATE 368 - pool.pml:141 - [(stale)] (467:0:2 - 1)
		IfNotBlocked
		reached[0][368] = 1;
		if (!(((int)((P0 *)_this)->stale)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: stale */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->stale;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->stale = 0;
		/* merge: stale = 0(0, 369, 467) */
		reached[0][369] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->stale);
		((P0 *)_this)->stale = 0;
#ifdef VAR_RANGES
		logval("Caller:stale", ((int)((P0 *)_this)->stale));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 147: // STATE 370 - pool.pml:110 - [held = (held-1)] (0:459:2 - 1)
		IfNotBlocked
		reached[0][370] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.held);
		now.held = (((int)now.held)-1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: created = (created-1)(459, 371, 459) */
		reached[0][371] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.created);
		now.created = (((int)now.created)-1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 148: // STATE 372 - pool.pml:90 - [woken = 3] (0:0:1 - 1)
		IfNotBlocked
		reached[0][372] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 149: // STATE 373 - pool.pml:92 - [(((waiting>0)&&(idle>0)))] (427:0:2 - 1)
		IfNotBlocked
		reached[0][373] = 1;
		if (!(((((int)now.waiting)>0)&&(((int)now.idle)>0))))
			continue;
		/* merge: idle = (idle-1)(427, 374, 427) */
		reached[0][374] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.idle);
		now.idle = (((int)now.idle)-1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held+1)(427, 375, 427) */
		reached[0][375] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 150: // STATE 376 - pool.pml:96 - [((idle_of_old>0))] (401:0:1 - 1)
		IfNotBlocked
		reached[0][376] = 1;
		if (!((((int)now.idle_of_old)>0)))
			continue;
		/* merge: idle_of_old = (idle_of_old-1)(0, 377, 401) */
		reached[0][377] = 1;
		(trpt+1)->bup.oval = ((int)now.idle_of_old);
		now.idle_of_old = (((int)now.idle_of_old)-1);
#ifdef VAR_RANGES
		logval("idle_of_old", ((int)now.idle_of_old));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 151: // STATE 378 - pool.pml:77 - [((waiting>0))] (393:0:1 - 1)
		IfNotBlocked
		reached[0][378] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](393, 379, 393) */
		reached[0][379] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(393, 380, 393) */
		reached[0][380] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 152: // STATE 381 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][381] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 153: // STATE 382 - pool.pml:49 - [((index<waiting))] (387:0:2 - 1)
		IfNotBlocked
		reached[0][382] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](387, 383, 387) */
		reached[0][383] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(387, 384, 387) */
		reached[0][384] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 388, 387) */
		reached[0][388] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 154: // STATE 390 - pool.pml:52 - [waiting = (waiting-1)] (0:466:6 - 3)
		IfNotBlocked
		reached[0][390] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(466, 391, 466) */
		reached[0][391] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(466, 392, 466) */
		reached[0][392] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(466, 394, 466) */
		reached[0][394] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = (epoch-1)(466, 395, 466) */
		reached[0][395] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = (((int)now.epoch)-1);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(466, 396, 466) */
		reached[0][396] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(466, 400, 466) */
		reached[0][400] = 1;
		;
		/* merge: .(goto)(466, 428, 466) */
		reached[0][428] = 1;
		;
		/* merge: .(goto)(466, 458, 466) */
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 155: // STATE 398 - pool.pml:84 - [woken = 3] (0:466:1 - 1)
		IfNotBlocked
		reached[0][398] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(466, 400, 466) */
		reached[0][400] = 1;
		;
		/* merge: .(goto)(466, 428, 466) */
		reached[0][428] = 1;
		;
		/* merge: .(goto)(466, 458, 466) */
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 156: // STATE 428 - pool.pml:99 - [.(goto)] (0:466:0 - 6)
		IfNotBlocked
		reached[0][428] = 1;
		;
		/* merge: .(goto)(466, 458, 466) */
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 157: // STATE 403 - pool.pml:77 - [((waiting>0))] (418:0:1 - 1)
		IfNotBlocked
		reached[0][403] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](418, 404, 418) */
		reached[0][404] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(418, 405, 418) */
		reached[0][405] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 158: // STATE 406 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][406] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 159: // STATE 407 - pool.pml:49 - [((index<waiting))] (412:0:2 - 1)
		IfNotBlocked
		reached[0][407] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](412, 408, 412) */
		reached[0][408] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(412, 409, 412) */
		reached[0][409] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 413, 412) */
		reached[0][413] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 160: // STATE 415 - pool.pml:52 - [waiting = (waiting-1)] (0:466:6 - 3)
		IfNotBlocked
		reached[0][415] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(466, 416, 466) */
		reached[0][416] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(466, 417, 466) */
		reached[0][417] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(466, 419, 466) */
		reached[0][419] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(466, 420, 466) */
		reached[0][420] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(466, 421, 466) */
		reached[0][421] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(466, 425, 466) */
		reached[0][425] = 1;
		;
		/* merge: .(goto)(466, 428, 466) */
		reached[0][428] = 1;
		;
		/* merge: .(goto)(466, 458, 466) */
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 161: // STATE 423 - pool.pml:84 - [woken = 3] (0:466:1 - 1)
		IfNotBlocked
		reached[0][423] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(466, 425, 466) */
		reached[0][425] = 1;
		;
		/* merge: .(goto)(466, 428, 466) */
		reached[0][428] = 1;
		;
		/* merge: .(goto)(466, 458, 466) */
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 162: // STATE 458 - pool.pml:105 - [.(goto)] (0:466:0 - 3)
		IfNotBlocked
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 163: // STATE 429 - pool.pml:99 - [((((waiting>0)&&(idle==0))&&(created<1)))] (455:0:2 - 1)
		IfNotBlocked
		reached[0][429] = 1;
		if (!((((((int)now.waiting)>0)&&(((int)now.idle)==0))&&(((int)now.created)<1))))
			continue;
		/* merge: created = (created+1)(455, 430, 455) */
		reached[0][430] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.created);
		now.created = (((int)now.created)+1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		/* merge: held = (held+1)(455, 431, 455) */
		reached[0][431] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 164: // STATE 432 - pool.pml:77 - [((waiting>0))] (447:0:1 - 1)
		IfNotBlocked
		reached[0][432] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](447, 433, 447) */
		reached[0][433] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(447, 434, 447) */
		reached[0][434] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 165: // STATE 435 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][435] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 166: // STATE 436 - pool.pml:49 - [((index<waiting))] (441:0:2 - 1)
		IfNotBlocked
		reached[0][436] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](441, 437, 441) */
		reached[0][437] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(441, 438, 441) */
		reached[0][438] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 442, 441) */
		reached[0][442] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 167: // STATE 444 - pool.pml:52 - [waiting = (waiting-1)] (0:466:6 - 3)
		IfNotBlocked
		reached[0][444] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(466, 445, 466) */
		reached[0][445] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(466, 446, 466) */
		reached[0][446] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 0(466, 448, 466) */
		reached[0][448] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 0;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(466, 449, 466) */
		reached[0][449] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(466, 450, 466) */
		reached[0][450] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(466, 454, 466) */
		reached[0][454] = 1;
		;
		/* merge: .(goto)(466, 458, 466) */
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 7 */
	case 168: // STATE 454 - pool.pml:86 - [.(goto)] (0:466:0 - 2)
		IfNotBlocked
		reached[0][454] = 1;
		;
		/* merge: .(goto)(466, 458, 466) */
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 169: // STATE 452 - pool.pml:84 - [woken = 3] (0:466:1 - 1)
		IfNotBlocked
		reached[0][452] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(466, 454, 466) */
		reached[0][454] = 1;
		;
		/* merge: .(goto)(466, 458, 466) */
		reached[0][458] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 170: // STATE 461 - pool.pml:148 - [((woken!=3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][461] = 1;
		if (!((((int)((P0 *)_this)->woken)!=3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 171: // STATE 462 - pool.pml:148 - [bell[woken] = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][462] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("bell[Caller:woken]", ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 172: // STATE 469 - pool.pml:148 - [((woken!=3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][469] = 1;
		if (!((((int)((P0 *)_this)->woken)!=3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 173: // STATE 470 - pool.pml:148 - [bell[woken] = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][470] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("bell[Caller:woken]", ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 174: // STATE 478 - pool.pml:110 - [held = (held-1)] (0:567:2 - 1)
		IfNotBlocked
		reached[0][478] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.held);
		now.held = (((int)now.held)-1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: created = (created-1)(567, 479, 567) */
		reached[0][479] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.created);
		now.created = (((int)now.created)-1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 175: // STATE 480 - pool.pml:90 - [woken = 3] (0:0:1 - 1)
		IfNotBlocked
		reached[0][480] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 176: // STATE 481 - pool.pml:92 - [(((waiting>0)&&(idle>0)))] (535:0:2 - 1)
		IfNotBlocked
		reached[0][481] = 1;
		if (!(((((int)now.waiting)>0)&&(((int)now.idle)>0))))
			continue;
		/* merge: idle = (idle-1)(535, 482, 535) */
		reached[0][482] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.idle);
		now.idle = (((int)now.idle)-1);
#ifdef VAR_RANGES
		logval("idle", ((int)now.idle));
#endif
		;
		/* merge: held = (held+1)(535, 483, 535) */
		reached[0][483] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 177: // STATE 484 - pool.pml:96 - [((idle_of_old>0))] (509:0:1 - 1)
		IfNotBlocked
		reached[0][484] = 1;
		if (!((((int)now.idle_of_old)>0)))
			continue;
		/* merge: idle_of_old = (idle_of_old-1)(0, 485, 509) */
		reached[0][485] = 1;
		(trpt+1)->bup.oval = ((int)now.idle_of_old);
		now.idle_of_old = (((int)now.idle_of_old)-1);
#ifdef VAR_RANGES
		logval("idle_of_old", ((int)now.idle_of_old));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 178: // STATE 486 - pool.pml:77 - [((waiting>0))] (501:0:1 - 1)
		IfNotBlocked
		reached[0][486] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](501, 487, 501) */
		reached[0][487] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(501, 488, 501) */
		reached[0][488] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 179: // STATE 489 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][489] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 180: // STATE 490 - pool.pml:49 - [((index<waiting))] (495:0:2 - 1)
		IfNotBlocked
		reached[0][490] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](495, 491, 495) */
		reached[0][491] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(495, 492, 495) */
		reached[0][492] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 496, 495) */
		reached[0][496] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 181: // STATE 498 - pool.pml:52 - [waiting = (waiting-1)] (0:574:6 - 3)
		IfNotBlocked
		reached[0][498] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(574, 499, 574) */
		reached[0][499] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(574, 500, 574) */
		reached[0][500] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(574, 502, 574) */
		reached[0][502] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = (epoch-1)(574, 503, 574) */
		reached[0][503] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = (((int)now.epoch)-1);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(574, 504, 574) */
		reached[0][504] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(574, 508, 574) */
		reached[0][508] = 1;
		;
		/* merge: .(goto)(574, 536, 574) */
		reached[0][536] = 1;
		;
		/* merge: .(goto)(574, 566, 574) */
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 182: // STATE 506 - pool.pml:84 - [woken = 3] (0:574:1 - 1)
		IfNotBlocked
		reached[0][506] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(574, 508, 574) */
		reached[0][508] = 1;
		;
		/* merge: .(goto)(574, 536, 574) */
		reached[0][536] = 1;
		;
		/* merge: .(goto)(574, 566, 574) */
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 183: // STATE 536 - pool.pml:99 - [.(goto)] (0:574:0 - 6)
		IfNotBlocked
		reached[0][536] = 1;
		;
		/* merge: .(goto)(574, 566, 574) */
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 184: // STATE 511 - pool.pml:77 - [((waiting>0))] (526:0:1 - 1)
		IfNotBlocked
		reached[0][511] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](526, 512, 526) */
		reached[0][512] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(526, 513, 526) */
		reached[0][513] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 185: // STATE 514 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][514] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 186: // STATE 515 - pool.pml:49 - [((index<waiting))] (520:0:2 - 1)
		IfNotBlocked
		reached[0][515] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](520, 516, 520) */
		reached[0][516] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(520, 517, 520) */
		reached[0][517] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 521, 520) */
		reached[0][521] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 187: // STATE 523 - pool.pml:52 - [waiting = (waiting-1)] (0:574:6 - 3)
		IfNotBlocked
		reached[0][523] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(574, 524, 574) */
		reached[0][524] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(574, 525, 574) */
		reached[0][525] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 1(574, 527, 574) */
		reached[0][527] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(574, 528, 574) */
		reached[0][528] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(574, 529, 574) */
		reached[0][529] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(574, 533, 574) */
		reached[0][533] = 1;
		;
		/* merge: .(goto)(574, 536, 574) */
		reached[0][536] = 1;
		;
		/* merge: .(goto)(574, 566, 574) */
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 8 */
	case 188: // STATE 531 - pool.pml:84 - [woken = 3] (0:574:1 - 1)
		IfNotBlocked
		reached[0][531] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(574, 533, 574) */
		reached[0][533] = 1;
		;
		/* merge: .(goto)(574, 536, 574) */
		reached[0][536] = 1;
		;
		/* merge: .(goto)(574, 566, 574) */
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 189: // STATE 566 - pool.pml:105 - [.(goto)] (0:574:0 - 3)
		IfNotBlocked
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 190: // STATE 537 - pool.pml:99 - [((((waiting>0)&&(idle==0))&&(created<1)))] (563:0:2 - 1)
		IfNotBlocked
		reached[0][537] = 1;
		if (!((((((int)now.waiting)>0)&&(((int)now.idle)==0))&&(((int)now.created)<1))))
			continue;
		/* merge: created = (created+1)(563, 538, 563) */
		reached[0][538] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.created);
		now.created = (((int)now.created)+1);
#ifdef VAR_RANGES
		logval("created", ((int)now.created));
#endif
		;
		/* merge: held = (held+1)(563, 539, 563) */
		reached[0][539] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = (((int)now.held)+1);
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 191: // STATE 540 - pool.pml:77 - [((waiting>0))] (555:0:1 - 1)
		IfNotBlocked
		reached[0][540] = 1;
		if (!((((int)now.waiting)>0)))
			continue;
		/* merge: woken = line[0](555, 541, 555) */
		reached[0][541] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = ((int)now.line[0]);
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: assert((state[woken]==WAITING))(555, 542, 555) */
		reached[0][542] = 1;
		spin_assert((now.state[ Index(((int)((P0 *)_this)->woken), 3) ]==4), "(state[woken]==4)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 192: // STATE 543 - pool.pml:47 - [index = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][543] = 1;
		(trpt+1)->bup.oval = ((int)now.index);
		now.index = 1;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 193: // STATE 544 - pool.pml:49 - [((index<waiting))] (549:0:2 - 1)
		IfNotBlocked
		reached[0][544] = 1;
		if (!((((int)now.index)<((int)now.waiting))))
			continue;
		/* merge: line[(index-1)] = line[index](549, 545, 549) */
		reached[0][545] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.line[ Index((((int)now.index)-1), 3) ]);
		now.line[ Index((now.index-1), 3) ] = ((int)now.line[ Index(((int)now.index), 3) ]);
#ifdef VAR_RANGES
		logval("line[(index-1)]", ((int)now.line[ Index((((int)now.index)-1), 3) ]));
#endif
		;
		/* merge: index = (index+1)(549, 546, 549) */
		reached[0][546] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.index);
		now.index = (((int)now.index)+1);
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: .(goto)(0, 550, 549) */
		reached[0][550] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 194: // STATE 552 - pool.pml:52 - [waiting = (waiting-1)] (0:574:6 - 3)
		IfNotBlocked
		reached[0][552] = 1;
		(trpt+1)->bup.ovals = grab_ints(6);
		(trpt+1)->bup.ovals[0] = ((int)now.waiting);
		now.waiting = (((int)now.waiting)-1);
#ifdef VAR_RANGES
		logval("waiting", ((int)now.waiting));
#endif
		;
		/* merge: line[waiting] = 0(574, 553, 574) */
		reached[0][553] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.line[ Index(((int)now.waiting), 3) ]);
		now.line[ Index(now.waiting, 3) ] = 0;
#ifdef VAR_RANGES
		logval("line[waiting]", ((int)now.line[ Index(((int)now.waiting), 3) ]));
#endif
		;
		/* merge: index = 0(574, 554, 574) */
		reached[0][554] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.index);
		now.index = 0;
#ifdef VAR_RANGES
		logval("index", ((int)now.index));
#endif
		;
		/* merge: with_connection[woken] = 0(574, 556, 574) */
		reached[0][556] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.with_connection[ Index(((P0 *)_this)->woken, 3) ] = 0;
#ifdef VAR_RANGES
		logval("with_connection[Caller:woken]", ((int)now.with_connection[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: born[woken] = epoch(574, 557, 574) */
		reached[0][557] = 1;
		(trpt+1)->bup.ovals[4] = ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.born[ Index(((P0 *)_this)->woken, 3) ] = ((int)now.epoch);
#ifdef VAR_RANGES
		logval("born[Caller:woken]", ((int)now.born[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		/* merge: state[woken] = SERVED(574, 558, 574) */
		reached[0][558] = 1;
		(trpt+1)->bup.ovals[5] = now.state[ Index(((int)((P0 *)_this)->woken), 3) ];
		now.state[ Index(((P0 *)_this)->woken, 3) ] = 3;
#ifdef VAR_RANGES
		logval("state[Caller:woken]", now.state[ Index(((int)((P0 *)_this)->woken), 3) ]);
#endif
		;
		/* merge: .(goto)(574, 562, 574) */
		reached[0][562] = 1;
		;
		/* merge: .(goto)(574, 566, 574) */
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 7 */
	case 195: // STATE 562 - pool.pml:86 - [.(goto)] (0:574:0 - 2)
		IfNotBlocked
		reached[0][562] = 1;
		;
		/* merge: .(goto)(574, 566, 574) */
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 196: // STATE 560 - pool.pml:84 - [woken = 3] (0:574:1 - 1)
		IfNotBlocked
		reached[0][560] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->woken);
		((P0 *)_this)->woken = 3;
#ifdef VAR_RANGES
		logval("Caller:woken", ((int)((P0 *)_this)->woken));
#endif
		;
		/* merge: .(goto)(574, 562, 574) */
		reached[0][562] = 1;
		;
		/* merge: .(goto)(574, 566, 574) */
		reached[0][566] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 197: // STATE 569 - pool.pml:148 - [((woken!=3))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][569] = 1;
		if (!((((int)((P0 *)_this)->woken)!=3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 198: // STATE 570 - pool.pml:148 - [bell[woken] = 1] (0:0:1 - 1)
		IfNotBlocked
		reached[0][570] = 1;
		(trpt+1)->bup.oval = ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]);
		now.bell[ Index(((P0 *)_this)->woken, 3) ] = 1;
#ifdef VAR_RANGES
		logval("bell[Caller:woken]", ((int)now.bell[ Index(((int)((P0 *)_this)->woken), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 199: // STATE 580 - pool.pml:240 - [state[me] = AWAY] (0:583:2 - 1)
		IfNotBlocked
		reached[0][580] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = now.state[ Index(((int)((P0 *)_this)->me), 3) ];
		now.state[ Index(((P0 *)_this)->me, 3) ] = 5;
#ifdef VAR_RANGES
		logval("state[Caller:me]", now.state[ Index(((int)((P0 *)_this)->me), 3) ]);
#endif
		;
		/* merge: bell[me] = 0(583, 581, 583) */
		reached[0][581] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.bell[ Index(((int)((P0 *)_this)->me), 3) ]);
		now.bell[ Index(((P0 *)_this)->me, 3) ] = 0;
#ifdef VAR_RANGES
		logval("bell[Caller:me]", ((int)now.bell[ Index(((int)((P0 *)_this)->me), 3) ]));
#endif
		;
		/* merge: .(goto)(0, 584, 583) */
		reached[0][584] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 200: // STATE 586 - pool.pml:242 - [-end-] (0:0:0 - 3)
		IfNotBlocked
		reached[0][586] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */
	case  _T5:	/* np_ */
		if (!((!(trpt->o_pm&4) && !(trpt->tau&128))))
			continue;
		/* else fall through */
	case  _T2:	/* true */
		_m = 3; goto P999;
#undef rand
	}

