#ifdef PEG
struct T_SRC {
	char *fl; int ln;
} T_SRC[NTRANS];

void
tr_2_src(int m, char *file, int ln)
{	T_SRC[m].fl = file;
	T_SRC[m].ln = ln;
}

void
putpeg(int n, int m)
{	printf("%5d	trans %4d ", m, n);
	printf("%s:%d\n",
		T_SRC[n].fl, T_SRC[n].ln);
}
#endif

void
settable(void)
{	Trans *T;
	Trans *settr(int, int, int, int, int, char *, int, int, int);

	trans = (Trans ***) emalloc(5*sizeof(Trans **));

	/* proctype 3: sound */

	trans[3] = (Trans **) emalloc(11*sizeof(Trans *));

	trans[3][7]	= settr(744,0,6,1,0,".(goto)", 0, 2, 0);
	T = trans[3][6] = settr(743,0,0,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(743,0,3,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(743,0,4,0,0,"DO", 0, 2, 0);
	T = trans[ 3][3] = settr(740,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(740,2,1,0,0,"ATOMIC", 1, 2, 0);
	trans[3][1]	= settr(738,0,6,3,3,"(!((((created<=1)&&(created==(idle+held)))&&(idle_of_old<=idle))))", 1, 2, 0); /* m: 2 -> 6,0 */
	reached3[2] = 1;
	trans[3][2]	= settr(0,0,0,0,0,"assert(!(!((((created<=1)&&(created==(idle+held)))&&(idle_of_old<=idle)))))",0,0,0);
	trans[3][4]	= settr(741,0,6,1,0,"(1)", 0, 2, 0);
	trans[3][5]	= settr(742,0,6,1,0,"goto T0_init", 0, 2, 0);
	trans[3][8]	= settr(745,0,9,1,0,"break", 0, 2, 0);
	trans[3][9]	= settr(746,0,10,1,0,"(1)", 0, 2, 0);
	trans[3][10]	= settr(747,0,0,4,4,"-end-", 0, 3500, 0);

	/* proctype 2: :init: */

	trans[2] = (Trans **) emalloc(16*sizeof(Trans *));

	T = trans[ 2][12] = settr(734,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(734,2,1,0,0,"ATOMIC", 1, 2, 0);
	trans[2][1]	= settr(723,2,8,5,5,"caller = 0", 1, 2, 0);
	trans[2][9]	= settr(731,2,8,1,0,".(goto)", 1, 2, 0);
	T = trans[2][8] = settr(730,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(730,2,2,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(730,2,6,0,0,"DO", 1, 2, 0);
	trans[2][2]	= settr(724,2,4,6,6,"((caller<3))", 1, 2, 0); /* m: 3 -> 4,0 */
	reached2[3] = 1;
	trans[2][3]	= settr(0,0,0,0,0,"state[caller] = AWAY",0,0,0);
	trans[2][4]	= settr(726,2,5,7,7,"(run Caller(caller))", 1, 2, 0);
	trans[2][5]	= settr(727,2,8,8,8,"caller = (caller+1)", 1, 2, 0);
	trans[2][6]	= settr(728,2,10,2,0,"else", 1, 2, 0);
	trans[2][7]	= settr(729,2,10,1,0,"goto :b23", 1, 2, 0);
	trans[2][10]	= settr(732,2,11,1,0,"break", 1, 2, 0);
	trans[2][11]	= settr(733,0,13,9,9,"(run Closer())", 1, 2, 0);
	trans[2][13]	= settr(735,0,14,10,0,"((_nr_pr==1))", 1, 2, 0);
	trans[2][14]	= settr(736,0,15,11,0,"assert(((((waiting==0)&&(held==0))&&(created==idle))&&(created<=1)))", 1, 2, 0);
	trans[2][15]	= settr(737,0,0,12,12,"-end-", 0, 3500, 0);

	/* proctype 1: Closer */

	trans[1] = (Trans **) emalloc(138*sizeof(Trans *));

	T = trans[ 1][3] = settr(588,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(588,2,1,0,0,"ATOMIC", 1, 2, 0);
	trans[1][1]	= settr(586,0,26,13,13,"epoch = (epoch+1)", 1, 2, 0); /* m: 2 -> 0,26 */
	reached1[2] = 1;
	trans[1][2]	= settr(0,0,0,0,0,"idle_of_old = idle",0,0,0);
	trans[1][27]	= settr(612,0,26,1,0,".(goto)", 0, 2, 0);
	T = trans[1][26] = settr(611,0,0,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(611,0,24,0,0,"DO", 0, 2, 0);
	T = trans[ 1][24] = settr(609,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(609,2,22,0,0,"ATOMIC", 1, 2, 0);
	T = trans[1][22] = settr(607,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(607,2,4,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(607,2,20,0,0,"IF", 1, 2, 0);
	trans[1][4]	= settr(589,2,18,14,14,"(((waiting>0)&&(joined[line[0]]!=epoch)))", 1, 2, 0); /* m: 5 -> 18,0 */
	reached1[5] = 1;
	trans[1][5]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	T = trans[ 1][18] = settr(603,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(603,0,6,0,0,"sub-sequence", 1, 2, 0);
	trans[1][6]	= settr(591,2,12,15,15,"index = 1", 1, 2, 0);
	trans[1][13]	= settr(598,2,12,1,0,".(goto)", 1, 2, 0);
	T = trans[1][12] = settr(597,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(597,2,7,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(597,2,10,0,0,"DO", 1, 2, 0);
	trans[1][7]	= settr(592,2,12,16,16,"((index<waiting))", 1, 2, 0); /* m: 8 -> 12,0 */
	reached1[8] = 1;
	trans[1][8]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[1][9]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[1][10]	= settr(595,2,15,2,0,"else", 1, 2, 0);
	trans[1][11]	= settr(596,2,15,1,0,"goto :b18", 1, 2, 0); /* m: 15 -> 0,25 */
	reached1[15] = 1;
	trans[1][14]	= settr(599,2,15,1,0,"break", 1, 2, 0);
	trans[1][15]	= settr(600,4,25,17,17,"waiting = (waiting-1)", 1, 2, 0); /* m: 16 -> 0,25 */
	reached1[16] = 1;
	trans[1][16]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[1][17]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[1][19]	= settr(0,0,0,0,0,"state[woken] = CLOSED",0,0,0);
	trans[1][23]	= settr(608,0,25,1,0,".(goto)", 1, 2, 0);
	trans[1][20]	= settr(605,2,21,2,0,"else", 1, 2, 0);
	trans[1][21]	= settr(606,0,134,1,0,"goto :b17", 1, 2, 0);
	trans[1][25]	= settr(610,0,26,18,18,"bell[woken] = 1", 1, 2, 0);
	trans[1][28]	= settr(613,0,134,1,0,"break", 0, 2, 0);
	trans[1][135]	= settr(720,0,134,1,0,".(goto)", 0, 2, 0);
	T = trans[1][134] = settr(719,0,0,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(719,0,33,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(719,0,132,0,0,"DO", 0, 2, 0);
	T = trans[ 1][33] = settr(618,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(618,2,29,0,0,"ATOMIC", 1, 2, 0);
	trans[1][29]	= settr(614,4,131,19,19,"((idle_of_old>0))", 1, 2, 0); /* m: 30 -> 131,0 */
	reached1[30] = 1;
	trans[1][30]	= settr(0,0,0,0,0,"idle_of_old = (idle_of_old-1)",0,0,0);
	trans[1][31]	= settr(0,0,0,0,0,"idle = (idle-1)",0,0,0);
	trans[1][32]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[ 1][131] = settr(716,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(716,0,124,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 1][124] = settr(709,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(709,2,34,0,0,"ATOMIC", 1, 2, 0);
	trans[1][34]	= settr(619,2,123,20,20,"held = (held-1)", 1, 2, 0); /* m: 35 -> 0,123 */
	reached1[35] = 1;
	trans[1][35]	= settr(0,0,0,0,0,"created = (created-1)",0,0,0);
	T = trans[ 1][123] = settr(708,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(708,0,36,0,0,"sub-sequence", 1, 2, 0);
	trans[1][36]	= settr(621,2,121,21,21,"woken = 3", 1, 2, 0);
	T = trans[1][121] = settr(706,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(706,2,37,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(706,2,93,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(706,2,120,0,0,"IF", 1, 2, 0);
	trans[1][37]	= settr(622,2,91,22,22,"(((waiting>0)&&(idle>0)))", 1, 2, 0); /* m: 38 -> 91,0 */
	reached1[38] = 1;
	trans[1][38]	= settr(0,0,0,0,0,"idle = (idle-1)",0,0,0);
	trans[1][39]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[1][91] = settr(676,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(676,2,40,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(676,2,66,0,0,"IF", 1, 2, 0);
	trans[1][40]	= settr(625,2,65,23,23,"((idle_of_old>0))", 1, 2, 0); /* m: 41 -> 65,0 */
	reached1[41] = 1;
	trans[1][41]	= settr(0,0,0,0,0,"idle_of_old = (idle_of_old-1)",0,0,0);
	T = trans[ 1][65] = settr(650,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(650,0,63,0,0,"sub-sequence", 1, 2, 0);
	T = trans[1][63] = settr(648,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(648,2,42,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(648,2,61,0,0,"IF", 1, 2, 0);
	trans[1][42]	= settr(627,2,57,24,24,"((waiting>0))", 1, 2, 0); /* m: 43 -> 57,0 */
	reached1[43] = 1;
	trans[1][43]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[1][44]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 1][57] = settr(642,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(642,0,45,0,0,"sub-sequence", 1, 2, 0);
	trans[1][45]	= settr(630,2,51,25,25,"index = 1", 1, 2, 0);
	trans[1][52]	= settr(637,2,51,1,0,".(goto)", 1, 2, 0);
	T = trans[1][51] = settr(636,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(636,2,46,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(636,2,49,0,0,"DO", 1, 2, 0);
	trans[1][46]	= settr(631,2,51,26,26,"((index<waiting))", 1, 2, 0); /* m: 47 -> 51,0 */
	reached1[47] = 1;
	trans[1][47]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[1][48]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[1][49]	= settr(634,2,54,2,0,"else", 1, 2, 0);
	trans[1][50]	= settr(635,2,54,1,0,"goto :b20", 1, 2, 0); /* m: 54 -> 0,130 */
	reached1[54] = 1;
	trans[1][53]	= settr(638,2,54,1,0,"break", 1, 2, 0);
	trans[1][54]	= settr(639,4,130,27,27,"waiting = (waiting-1)", 1, 2, 0); /* m: 55 -> 0,130 */
	reached1[55] = 1;
	trans[1][55]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[1][56]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[1][58]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[1][59]	= settr(0,0,0,0,0,"born[woken] = (epoch-1)",0,0,0);
	trans[1][60]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[1][64]	= settr(649,2,92,1,0,".(goto)", 1, 2, 0); /* m: 92 -> 0,130 */
	reached1[92] = 1;
	trans[1][61]	= settr(646,2,62,2,0,"else", 1, 2, 0);
	trans[1][62]	= settr(647,4,130,28,28,"woken = 3", 1, 2, 0); /* m: 92 -> 0,130 */
	reached1[92] = 1;
	trans[1][92]	= settr(677,4,130,29,29,".(goto)", 1, 2, 0); /* m: 122 -> 0,130 */
	reached1[122] = 1;
	trans[1][66]	= settr(651,2,90,2,0,"else", 1, 2, 0);
	T = trans[ 1][90] = settr(675,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(675,0,88,0,0,"sub-sequence", 1, 2, 0);
	T = trans[1][88] = settr(673,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(673,2,67,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(673,2,86,0,0,"IF", 1, 2, 0);
	trans[1][67]	= settr(652,2,82,30,30,"((waiting>0))", 1, 2, 0); /* m: 68 -> 82,0 */
	reached1[68] = 1;
	trans[1][68]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[1][69]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 1][82] = settr(667,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(667,0,70,0,0,"sub-sequence", 1, 2, 0);
	trans[1][70]	= settr(655,2,76,31,31,"index = 1", 1, 2, 0);
	trans[1][77]	= settr(662,2,76,1,0,".(goto)", 1, 2, 0);
	T = trans[1][76] = settr(661,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(661,2,71,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(661,2,74,0,0,"DO", 1, 2, 0);
	trans[1][71]	= settr(656,2,76,32,32,"((index<waiting))", 1, 2, 0); /* m: 72 -> 76,0 */
	reached1[72] = 1;
	trans[1][72]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[1][73]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[1][74]	= settr(659,2,79,2,0,"else", 1, 2, 0);
	trans[1][75]	= settr(660,2,79,1,0,"goto :b21", 1, 2, 0); /* m: 79 -> 0,130 */
	reached1[79] = 1;
	trans[1][78]	= settr(663,2,79,1,0,"break", 1, 2, 0);
	trans[1][79]	= settr(664,4,130,33,33,"waiting = (waiting-1)", 1, 2, 0); /* m: 80 -> 0,130 */
	reached1[80] = 1;
	trans[1][80]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[1][81]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[1][83]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[1][84]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[1][85]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[1][89]	= settr(674,2,92,1,0,".(goto)", 1, 2, 0); /* m: 92 -> 0,130 */
	reached1[92] = 1;
	trans[1][86]	= settr(671,2,87,2,0,"else", 1, 2, 0);
	trans[1][87]	= settr(672,4,130,34,34,"woken = 3", 1, 2, 0); /* m: 92 -> 0,130 */
	reached1[92] = 1;
	trans[1][122]	= settr(707,0,130,35,35,".(goto)", 1, 2, 0);
	trans[1][93]	= settr(678,2,119,36,36,"((((waiting>0)&&(idle==0))&&(created<1)))", 1, 2, 0); /* m: 94 -> 119,0 */
	reached1[94] = 1;
	trans[1][94]	= settr(0,0,0,0,0,"created = (created+1)",0,0,0);
	trans[1][95]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[ 1][119] = settr(704,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(704,0,117,0,0,"sub-sequence", 1, 2, 0);
	T = trans[1][117] = settr(702,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(702,2,96,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(702,2,115,0,0,"IF", 1, 2, 0);
	trans[1][96]	= settr(681,2,111,37,37,"((waiting>0))", 1, 2, 0); /* m: 97 -> 111,0 */
	reached1[97] = 1;
	trans[1][97]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[1][98]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 1][111] = settr(696,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(696,0,99,0,0,"sub-sequence", 1, 2, 0);
	trans[1][99]	= settr(684,2,105,38,38,"index = 1", 1, 2, 0);
	trans[1][106]	= settr(691,2,105,1,0,".(goto)", 1, 2, 0);
	T = trans[1][105] = settr(690,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(690,2,100,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(690,2,103,0,0,"DO", 1, 2, 0);
	trans[1][100]	= settr(685,2,105,39,39,"((index<waiting))", 1, 2, 0); /* m: 101 -> 105,0 */
	reached1[101] = 1;
	trans[1][101]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[1][102]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[1][103]	= settr(688,2,108,2,0,"else", 1, 2, 0);
	trans[1][104]	= settr(689,2,108,1,0,"goto :b22", 1, 2, 0); /* m: 108 -> 0,130 */
	reached1[108] = 1;
	trans[1][107]	= settr(692,2,108,1,0,"break", 1, 2, 0);
	trans[1][108]	= settr(693,4,130,40,40,"waiting = (waiting-1)", 1, 2, 0); /* m: 109 -> 0,130 */
	reached1[109] = 1;
	trans[1][109]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[1][110]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[1][112]	= settr(0,0,0,0,0,"with_connection[woken] = 0",0,0,0);
	trans[1][113]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[1][114]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[1][118]	= settr(703,4,130,41,41,".(goto)", 1, 2, 0); /* m: 122 -> 0,130 */
	reached1[122] = 1;
	trans[1][115]	= settr(700,2,116,2,0,"else", 1, 2, 0);
	trans[1][116]	= settr(701,4,130,42,42,"woken = 3", 1, 2, 0); /* m: 118 -> 0,130 */
	reached1[118] = 1;
	trans[1][120]	= settr(705,2,122,2,0,"else", 1, 2, 0);
	T = trans[ 1][130] = settr(715,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(715,0,128,0,0,"sub-sequence", 0, 2, 0);
	T = trans[1][128] = settr(713,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(713,0,125,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(713,0,127,0,0,"IF", 0, 2, 0);
	trans[1][125]	= settr(710,0,126,43,0,"((woken!=3))", 0, 2, 0);
	trans[1][126]	= settr(711,0,134,44,44,"bell[woken] = 1", 1, 2, 0);
	trans[1][129]	= settr(714,0,134,1,0,".(goto)", 0, 2, 0);
	trans[1][127]	= settr(712,0,134,2,0,"else", 0, 2, 0);
	trans[1][132]	= settr(717,0,137,2,0,"else", 0, 2, 0);
	trans[1][133]	= settr(718,0,137,1,0,"goto :b19", 0, 2, 0);
	trans[1][136]	= settr(721,0,137,1,0,"break", 0, 2, 0);
	trans[1][137]	= settr(722,0,0,45,45,"-end-", 0, 3500, 0);

	/* proctype 0: Caller */

	trans[0] = (Trans **) emalloc(587*sizeof(Trans *));

	trans[0][584]	= settr(583,0,583,1,0,".(goto)", 0, 2, 0);
	T = trans[0][583] = settr(582,0,0,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(582,0,1,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(582,0,3,0,0,"DO", 0, 2, 0);
	trans[0][1]	= settr(0,0,586,46,46,"((turn==2))", 0, 2, 0);
	trans[0][2]	= settr(1,0,586,1,0,"goto :b0", 0, 2, 0);
	trans[0][3]	= settr(2,0,4,2,0,"else", 0, 2, 0);
	trans[0][4]	= settr(3,0,31,47,47,"turn = (turn+1)", 0, 2, 0);
	T = trans[ 0][31] = settr(30,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(30,2,29,0,0,"ATOMIC", 1, 2, 0);
	T = trans[0][29] = settr(28,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(28,2,5,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(28,2,17,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(28,2,23,0,0,"IF", 1, 2, 0);
	trans[0][5]	= settr(4,2,13,48,48,"(((idle>0)&&(waiting==0)))", 1, 2, 0); /* m: 6 -> 13,0 */
	reached0[6] = 1;
	trans[0][6]	= settr(0,0,0,0,0,"idle = (idle-1)",0,0,0);
	trans[0][7]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[0][13] = settr(12,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(12,2,8,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(12,2,11,0,0,"IF", 1, 2, 0);
	trans[0][8]	= settr(7,0,72,49,49,"((idle_of_old>0))", 1, 2, 0); /* m: 9 -> 72,0 */
	reached0[9] = 1;
	trans[0][9]	= settr(0,0,0,0,0,"idle_of_old = (idle_of_old-1)",0,0,0);
	trans[0][10]	= settr(0,0,0,0,0,"born[me] = (epoch-1)",0,0,0);
	trans[0][14]	= settr(13,2,15,1,0,".(goto)", 1, 2, 0); /* m: 15 -> 0,72 */
	reached0[15] = 1;
	trans[0][11]	= settr(10,2,12,2,0,"else", 1, 2, 0);
	trans[0][12]	= settr(11,0,72,50,50,"born[me] = epoch", 1, 2, 0); /* m: 15 -> 0,72 */
	reached0[15] = 1;
	trans[0][15]	= settr(14,0,72,51,51,"with_connection[me] = 1", 1, 2, 0); /* m: 16 -> 0,72 */
	reached0[16] = 1;
	trans[0][16]	= settr(0,0,0,0,0,"state[me] = SERVED",0,0,0);
	trans[0][30]	= settr(29,0,72,52,52,".(goto)", 1, 2, 0); /* m: 32 -> 0,72 */
	reached0[32] = 1;
	trans[0][17]	= settr(16,0,72,53,53,"((((idle==0)&&(created<1))&&(waiting==0)))", 1, 2, 0); /* m: 18 -> 72,0 */
	reached0[18] = 1;
	trans[0][18]	= settr(0,0,0,0,0,"created = (created+1)",0,0,0);
	trans[0][19]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	trans[0][20]	= settr(0,0,0,0,0,"with_connection[me] = 0",0,0,0);
	trans[0][21]	= settr(0,0,0,0,0,"born[me] = epoch",0,0,0);
	trans[0][22]	= settr(0,0,0,0,0,"state[me] = SERVED",0,0,0);
	trans[0][23]	= settr(22,2,24,2,0,"else", 1, 2, 0);
	trans[0][24]	= settr(23,0,72,54,54,"state[me] = WAITING", 1, 2, 0); /* m: 25 -> 0,72 */
	reached0[25] = 1;
	trans[0][25]	= settr(0,0,0,0,0,"joined[me] = epoch",0,0,0);
	trans[0][26]	= settr(0,0,0,0,0,"line[waiting] = me",0,0,0);
	trans[0][27]	= settr(0,0,0,0,0,"waiting = (waiting+1)",0,0,0);
	trans[0][28]	= settr(0,0,0,0,0,"assert(((idle==0)||(waiting>1)))",0,0,0);
	trans[0][32]	= settr(0,0,0,0,0,"interrupted = 0",0,0,0);
	T = trans[0][72] = settr(71,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(71,0,33,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(71,0,70,0,0,"IF", 0, 2, 0);
	trans[0][33]	= settr(32,0,38,55,0,"(((state[me]==WAITING)||bell[me]))", 1, 2, 0);
	T = trans[0][38] = settr(37,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(37,0,34,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(37,0,35,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(37,0,36,0,0,"IF", 0, 2, 0);
	trans[0][34]	= settr(33,0,68,56,0,"(bell[me])", 1, 2, 0);
	trans[0][39]	= settr(38,0,68,1,0,".(goto)", 0, 2, 0);
	trans[0][35]	= settr(34,0,68,57,0,"((me!=(3-1)))", 0, 2, 0);
	trans[0][36]	= settr(35,0,68,58,58,"((me==0))", 0, 2, 0); /* m: 37 -> 68,0 */
	reached0[37] = 1;
	trans[0][37]	= settr(0,0,0,0,0,"interrupted = 1",0,0,0);
	T = trans[ 0][68] = settr(67,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(67,0,67,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][67] = settr(66,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(66,2,65,0,0,"ATOMIC", 1, 2, 0);
	T = trans[0][65] = settr(64,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(64,2,40,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(64,2,64,0,0,"IF", 1, 2, 0);
	trans[0][40]	= settr(39,2,62,59,0,"((state[me]==WAITING))", 1, 2, 0);
	T = trans[ 0][62] = settr(61,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(61,0,41,0,0,"sub-sequence", 1, 2, 0);
	trans[0][41]	= settr(40,2,46,60,60,"index = 0", 1, 2, 0);
	trans[0][47]	= settr(46,2,46,1,0,".(goto)", 1, 2, 0);
	T = trans[0][46] = settr(45,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(45,2,42,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(45,2,44,0,0,"DO", 1, 2, 0);
	trans[0][42]	= settr(41,2,46,61,61,"(((index<waiting)&&(line[index]!=me)))", 1, 2, 0); /* m: 43 -> 46,0 */
	reached0[43] = 1;
	trans[0][43]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][44]	= settr(43,2,49,2,0,"else", 1, 2, 0);
	trans[0][45]	= settr(44,2,49,1,0,"goto :b1", 1, 2, 0); /* m: 49 -> 0,56 */
	reached0[49] = 1;
	trans[0][48]	= settr(47,2,49,1,0,"break", 1, 2, 0);
	trans[0][49]	= settr(48,2,56,62,62,"assert((index<waiting))", 1, 2, 0); /* m: 50 -> 0,56 */
	reached0[50] = 1;
	trans[0][50]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][57]	= settr(56,2,56,1,0,".(goto)", 1, 2, 0);
	T = trans[0][56] = settr(55,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(55,2,51,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(55,2,54,0,0,"DO", 1, 2, 0);
	trans[0][51]	= settr(50,2,56,63,63,"((index<waiting))", 1, 2, 0); /* m: 52 -> 56,0 */
	reached0[52] = 1;
	trans[0][52]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][53]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][54]	= settr(53,2,59,2,0,"else", 1, 2, 0);
	trans[0][55]	= settr(54,2,59,1,0,"goto :b2", 1, 2, 0); /* m: 59 -> 0,69 */
	reached0[59] = 1;
	trans[0][58]	= settr(57,2,59,1,0,"break", 1, 2, 0);
	trans[0][59]	= settr(58,4,69,64,64,"waiting = (waiting-1)", 1, 2, 0); /* m: 60 -> 0,69 */
	reached0[60] = 1;
	trans[0][60]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][61]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][63]	= settr(0,0,0,0,0,"state[me] = LEFT",0,0,0);
	trans[0][66]	= settr(65,0,69,65,65,".(goto)", 1, 2, 0);
	trans[0][64]	= settr(63,2,66,2,0,"else", 1, 2, 0);
	trans[0][69]	= settr(68,0,578,66,66,"bell[me] = 0", 1, 2, 0);
	trans[0][73]	= settr(72,0,578,1,0,".(goto)", 0, 2, 0);
	trans[0][70]	= settr(69,0,71,2,0,"else", 0, 2, 0);
	trans[0][71]	= settr(70,0,578,67,67,"bell[me] = 0", 1, 2, 0);
	T = trans[0][578] = settr(577,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(577,0,74,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(577,0,75,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(577,0,325,0,0,"IF", 0, 2, 0);
	trans[0][74]	= settr(73,0,582,68,0,"((state[me]!=SERVED))", 1, 2, 0);
	trans[0][579]	= settr(578,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][75]	= settr(74,0,323,69,69,"(((state[me]==SERVED)&&interrupted))", 1, 2, 0);
	T = trans[0][323] = settr(322,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(322,0,76,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(322,0,224,0,0,"IF", 0, 2, 0);
	trans[0][76]	= settr(75,0,223,70,0,"(with_connection[me])", 1, 2, 0);
	T = trans[ 0][223] = settr(222,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(222,0,113,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][113] = settr(112,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(112,2,111,0,0,"ATOMIC", 1, 2, 0);
	T = trans[0][111] = settr(110,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(110,2,77,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(110,2,80,0,0,"IF", 1, 2, 0);
	trans[0][77]	= settr(76,4,221,71,71,"((born[me]!=epoch))", 1, 2, 0); /* m: 78 -> 221,0 */
	reached0[78] = 1;
	trans[0][78]	= settr(0,0,0,0,0,"stale = 1",0,0,0);
	trans[0][79]	= settr(0,0,0,0,0,"woken = 3",0,0,0);
	trans[0][112]	= settr(111,0,221,72,72,".(goto)", 1, 2, 0);
	trans[0][80]	= settr(79,2,104,2,0,"else", 1, 2, 0);
	T = trans[ 0][104] = settr(103,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(103,0,102,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][102] = settr(101,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(101,2,81,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(101,2,100,0,0,"IF", 1, 2, 0);
	trans[0][81]	= settr(80,2,96,73,73,"((waiting>0))", 1, 2, 0); /* m: 82 -> 96,0 */
	reached0[82] = 1;
	trans[0][82]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][83]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][96] = settr(95,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(95,0,84,0,0,"sub-sequence", 1, 2, 0);
	trans[0][84]	= settr(83,2,90,74,74,"index = 1", 1, 2, 0);
	trans[0][91]	= settr(90,2,90,1,0,".(goto)", 1, 2, 0);
	T = trans[0][90] = settr(89,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(89,2,85,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(89,2,88,0,0,"DO", 1, 2, 0);
	trans[0][85]	= settr(84,2,90,75,75,"((index<waiting))", 1, 2, 0); /* m: 86 -> 90,0 */
	reached0[86] = 1;
	trans[0][86]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][87]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][88]	= settr(87,2,93,2,0,"else", 1, 2, 0);
	trans[0][89]	= settr(88,2,93,1,0,"goto :b3", 1, 2, 0); /* m: 93 -> 0,109 */
	reached0[93] = 1;
	trans[0][92]	= settr(91,2,93,1,0,"break", 1, 2, 0);
	trans[0][93]	= settr(92,2,109,76,76,"waiting = (waiting-1)", 1, 2, 0); /* m: 94 -> 0,109 */
	reached0[94] = 1;
	trans[0][94]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][95]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][97]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][98]	= settr(0,0,0,0,0,"born[woken] = born[me]",0,0,0);
	trans[0][99]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][103]	= settr(102,2,109,1,0,".(goto)", 1, 2, 0);
	trans[0][100]	= settr(99,2,101,2,0,"else", 1, 2, 0);
	trans[0][101]	= settr(100,2,109,77,77,"woken = 3", 1, 2, 0);
	T = trans[0][109] = settr(108,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(108,2,105,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(108,2,108,0,0,"IF", 1, 2, 0);
	trans[0][105]	= settr(104,4,221,78,78,"((woken==3))", 1, 2, 0); /* m: 106 -> 221,0 */
	reached0[106] = 1;
	trans[0][106]	= settr(0,0,0,0,0,"idle = (idle+1)",0,0,0);
	trans[0][107]	= settr(0,0,0,0,0,"held = (held-1)",0,0,0);
	trans[0][110]	= settr(109,4,221,79,79,".(goto)", 1, 2, 0); /* m: 112 -> 0,221 */
	reached0[112] = 1;
	trans[0][108]	= settr(107,2,110,2,0,"else", 1, 2, 0);
	T = trans[0][221] = settr(220,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(220,0,114,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(220,0,214,0,0,"IF", 0, 2, 0);
	trans[0][114]	= settr(113,0,213,80,80,"(stale)", 0, 2, 0); /* m: 115 -> 213,0 */
	reached0[115] = 1;
	trans[0][115]	= settr(0,0,0,0,0,"stale = 0",0,0,0);
	T = trans[ 0][213] = settr(212,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(212,0,206,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][206] = settr(205,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(205,2,116,0,0,"ATOMIC", 1, 2, 0);
	trans[0][116]	= settr(115,2,205,81,81,"held = (held-1)", 1, 2, 0); /* m: 117 -> 0,205 */
	reached0[117] = 1;
	trans[0][117]	= settr(0,0,0,0,0,"created = (created-1)",0,0,0);
	T = trans[ 0][205] = settr(204,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(204,0,118,0,0,"sub-sequence", 1, 2, 0);
	trans[0][118]	= settr(117,2,203,82,82,"woken = 3", 1, 2, 0);
	T = trans[0][203] = settr(202,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(202,2,119,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(202,2,175,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(202,2,202,0,0,"IF", 1, 2, 0);
	trans[0][119]	= settr(118,2,173,83,83,"(((waiting>0)&&(idle>0)))", 1, 2, 0); /* m: 120 -> 173,0 */
	reached0[120] = 1;
	trans[0][120]	= settr(0,0,0,0,0,"idle = (idle-1)",0,0,0);
	trans[0][121]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[0][173] = settr(172,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(172,2,122,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(172,2,148,0,0,"IF", 1, 2, 0);
	trans[0][122]	= settr(121,2,147,84,84,"((idle_of_old>0))", 1, 2, 0); /* m: 123 -> 147,0 */
	reached0[123] = 1;
	trans[0][123]	= settr(0,0,0,0,0,"idle_of_old = (idle_of_old-1)",0,0,0);
	T = trans[ 0][147] = settr(146,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(146,0,145,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][145] = settr(144,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(144,2,124,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(144,2,143,0,0,"IF", 1, 2, 0);
	trans[0][124]	= settr(123,2,139,85,85,"((waiting>0))", 1, 2, 0); /* m: 125 -> 139,0 */
	reached0[125] = 1;
	trans[0][125]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][126]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][139] = settr(138,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(138,0,127,0,0,"sub-sequence", 1, 2, 0);
	trans[0][127]	= settr(126,2,133,86,86,"index = 1", 1, 2, 0);
	trans[0][134]	= settr(133,2,133,1,0,".(goto)", 1, 2, 0);
	T = trans[0][133] = settr(132,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(132,2,128,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(132,2,131,0,0,"DO", 1, 2, 0);
	trans[0][128]	= settr(127,2,133,87,87,"((index<waiting))", 1, 2, 0); /* m: 129 -> 133,0 */
	reached0[129] = 1;
	trans[0][129]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][130]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][131]	= settr(130,2,136,2,0,"else", 1, 2, 0);
	trans[0][132]	= settr(131,2,136,1,0,"goto :b4", 1, 2, 0); /* m: 136 -> 0,212 */
	reached0[136] = 1;
	trans[0][135]	= settr(134,2,136,1,0,"break", 1, 2, 0);
	trans[0][136]	= settr(135,4,212,88,88,"waiting = (waiting-1)", 1, 2, 0); /* m: 137 -> 0,212 */
	reached0[137] = 1;
	trans[0][137]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][138]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][140]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][141]	= settr(0,0,0,0,0,"born[woken] = (epoch-1)",0,0,0);
	trans[0][142]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][146]	= settr(145,2,174,1,0,".(goto)", 1, 2, 0); /* m: 174 -> 0,212 */
	reached0[174] = 1;
	trans[0][143]	= settr(142,2,144,2,0,"else", 1, 2, 0);
	trans[0][144]	= settr(143,4,212,89,89,"woken = 3", 1, 2, 0); /* m: 174 -> 0,212 */
	reached0[174] = 1;
	trans[0][174]	= settr(173,4,212,90,90,".(goto)", 1, 2, 0); /* m: 204 -> 0,212 */
	reached0[204] = 1;
	trans[0][148]	= settr(147,2,172,2,0,"else", 1, 2, 0);
	T = trans[ 0][172] = settr(171,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(171,0,170,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][170] = settr(169,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(169,2,149,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(169,2,168,0,0,"IF", 1, 2, 0);
	trans[0][149]	= settr(148,2,164,91,91,"((waiting>0))", 1, 2, 0); /* m: 150 -> 164,0 */
	reached0[150] = 1;
	trans[0][150]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][151]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][164] = settr(163,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(163,0,152,0,0,"sub-sequence", 1, 2, 0);
	trans[0][152]	= settr(151,2,158,92,92,"index = 1", 1, 2, 0);
	trans[0][159]	= settr(158,2,158,1,0,".(goto)", 1, 2, 0);
	T = trans[0][158] = settr(157,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(157,2,153,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(157,2,156,0,0,"DO", 1, 2, 0);
	trans[0][153]	= settr(152,2,158,93,93,"((index<waiting))", 1, 2, 0); /* m: 154 -> 158,0 */
	reached0[154] = 1;
	trans[0][154]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][155]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][156]	= settr(155,2,161,2,0,"else", 1, 2, 0);
	trans[0][157]	= settr(156,2,161,1,0,"goto :b5", 1, 2, 0); /* m: 161 -> 0,212 */
	reached0[161] = 1;
	trans[0][160]	= settr(159,2,161,1,0,"break", 1, 2, 0);
	trans[0][161]	= settr(160,4,212,94,94,"waiting = (waiting-1)", 1, 2, 0); /* m: 162 -> 0,212 */
	reached0[162] = 1;
	trans[0][162]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][163]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][165]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][166]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[0][167]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][171]	= settr(170,2,174,1,0,".(goto)", 1, 2, 0); /* m: 174 -> 0,212 */
	reached0[174] = 1;
	trans[0][168]	= settr(167,2,169,2,0,"else", 1, 2, 0);
	trans[0][169]	= settr(168,4,212,95,95,"woken = 3", 1, 2, 0); /* m: 174 -> 0,212 */
	reached0[174] = 1;
	trans[0][204]	= settr(203,0,212,96,96,".(goto)", 1, 2, 0);
	trans[0][175]	= settr(174,2,201,97,97,"((((waiting>0)&&(idle==0))&&(created<1)))", 1, 2, 0); /* m: 176 -> 201,0 */
	reached0[176] = 1;
	trans[0][176]	= settr(0,0,0,0,0,"created = (created+1)",0,0,0);
	trans[0][177]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[ 0][201] = settr(200,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(200,0,199,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][199] = settr(198,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(198,2,178,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(198,2,197,0,0,"IF", 1, 2, 0);
	trans[0][178]	= settr(177,2,193,98,98,"((waiting>0))", 1, 2, 0); /* m: 179 -> 193,0 */
	reached0[179] = 1;
	trans[0][179]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][180]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][193] = settr(192,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(192,0,181,0,0,"sub-sequence", 1, 2, 0);
	trans[0][181]	= settr(180,2,187,99,99,"index = 1", 1, 2, 0);
	trans[0][188]	= settr(187,2,187,1,0,".(goto)", 1, 2, 0);
	T = trans[0][187] = settr(186,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(186,2,182,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(186,2,185,0,0,"DO", 1, 2, 0);
	trans[0][182]	= settr(181,2,187,100,100,"((index<waiting))", 1, 2, 0); /* m: 183 -> 187,0 */
	reached0[183] = 1;
	trans[0][183]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][184]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][185]	= settr(184,2,190,2,0,"else", 1, 2, 0);
	trans[0][186]	= settr(185,2,190,1,0,"goto :b6", 1, 2, 0); /* m: 190 -> 0,212 */
	reached0[190] = 1;
	trans[0][189]	= settr(188,2,190,1,0,"break", 1, 2, 0);
	trans[0][190]	= settr(189,4,212,101,101,"waiting = (waiting-1)", 1, 2, 0); /* m: 191 -> 0,212 */
	reached0[191] = 1;
	trans[0][191]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][192]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][194]	= settr(0,0,0,0,0,"with_connection[woken] = 0",0,0,0);
	trans[0][195]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[0][196]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][200]	= settr(199,4,212,102,102,".(goto)", 1, 2, 0); /* m: 204 -> 0,212 */
	reached0[204] = 1;
	trans[0][197]	= settr(196,2,198,2,0,"else", 1, 2, 0);
	trans[0][198]	= settr(197,4,212,103,103,"woken = 3", 1, 2, 0); /* m: 200 -> 0,212 */
	reached0[200] = 1;
	trans[0][202]	= settr(201,2,204,2,0,"else", 1, 2, 0);
	T = trans[ 0][212] = settr(211,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(211,0,210,0,0,"sub-sequence", 0, 2, 0);
	T = trans[0][210] = settr(209,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(209,0,207,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(209,0,209,0,0,"IF", 0, 2, 0);
	trans[0][207]	= settr(206,0,208,104,0,"((woken!=3))", 0, 2, 0);
	trans[0][208]	= settr(207,0,582,105,105,"bell[woken] = 1", 1, 2, 0);
	trans[0][211]	= settr(210,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][209]	= settr(208,0,582,2,0,"else", 0, 2, 0);
	trans[0][222]	= settr(221,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][214]	= settr(213,0,220,2,0,"else", 0, 2, 0);
	T = trans[ 0][220] = settr(219,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(219,0,218,0,0,"sub-sequence", 0, 2, 0);
	T = trans[0][218] = settr(217,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(217,0,215,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(217,0,217,0,0,"IF", 0, 2, 0);
	trans[0][215]	= settr(214,0,216,106,0,"((woken!=3))", 0, 2, 0);
	trans[0][216]	= settr(215,0,582,107,107,"bell[woken] = 1", 1, 2, 0);
	trans[0][219]	= settr(218,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][217]	= settr(216,0,582,2,0,"else", 0, 2, 0);
	trans[0][324]	= settr(323,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][224]	= settr(223,0,322,2,0,"else", 0, 2, 0);
	T = trans[ 0][322] = settr(321,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(321,0,315,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][315] = settr(314,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(314,2,225,0,0,"ATOMIC", 1, 2, 0);
	trans[0][225]	= settr(224,2,314,108,108,"held = (held-1)", 1, 2, 0); /* m: 226 -> 0,314 */
	reached0[226] = 1;
	trans[0][226]	= settr(0,0,0,0,0,"created = (created-1)",0,0,0);
	T = trans[ 0][314] = settr(313,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(313,0,227,0,0,"sub-sequence", 1, 2, 0);
	trans[0][227]	= settr(226,2,312,109,109,"woken = 3", 1, 2, 0);
	T = trans[0][312] = settr(311,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(311,2,228,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(311,2,284,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(311,2,311,0,0,"IF", 1, 2, 0);
	trans[0][228]	= settr(227,2,282,110,110,"(((waiting>0)&&(idle>0)))", 1, 2, 0); /* m: 229 -> 282,0 */
	reached0[229] = 1;
	trans[0][229]	= settr(0,0,0,0,0,"idle = (idle-1)",0,0,0);
	trans[0][230]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[0][282] = settr(281,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(281,2,231,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(281,2,257,0,0,"IF", 1, 2, 0);
	trans[0][231]	= settr(230,2,256,111,111,"((idle_of_old>0))", 1, 2, 0); /* m: 232 -> 256,0 */
	reached0[232] = 1;
	trans[0][232]	= settr(0,0,0,0,0,"idle_of_old = (idle_of_old-1)",0,0,0);
	T = trans[ 0][256] = settr(255,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(255,0,254,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][254] = settr(253,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(253,2,233,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(253,2,252,0,0,"IF", 1, 2, 0);
	trans[0][233]	= settr(232,2,248,112,112,"((waiting>0))", 1, 2, 0); /* m: 234 -> 248,0 */
	reached0[234] = 1;
	trans[0][234]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][235]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][248] = settr(247,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(247,0,236,0,0,"sub-sequence", 1, 2, 0);
	trans[0][236]	= settr(235,2,242,113,113,"index = 1", 1, 2, 0);
	trans[0][243]	= settr(242,2,242,1,0,".(goto)", 1, 2, 0);
	T = trans[0][242] = settr(241,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(241,2,237,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(241,2,240,0,0,"DO", 1, 2, 0);
	trans[0][237]	= settr(236,2,242,114,114,"((index<waiting))", 1, 2, 0); /* m: 238 -> 242,0 */
	reached0[238] = 1;
	trans[0][238]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][239]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][240]	= settr(239,2,245,2,0,"else", 1, 2, 0);
	trans[0][241]	= settr(240,2,245,1,0,"goto :b7", 1, 2, 0); /* m: 245 -> 0,321 */
	reached0[245] = 1;
	trans[0][244]	= settr(243,2,245,1,0,"break", 1, 2, 0);
	trans[0][245]	= settr(244,4,321,115,115,"waiting = (waiting-1)", 1, 2, 0); /* m: 246 -> 0,321 */
	reached0[246] = 1;
	trans[0][246]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][247]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][249]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][250]	= settr(0,0,0,0,0,"born[woken] = (epoch-1)",0,0,0);
	trans[0][251]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][255]	= settr(254,2,283,1,0,".(goto)", 1, 2, 0); /* m: 283 -> 0,321 */
	reached0[283] = 1;
	trans[0][252]	= settr(251,2,253,2,0,"else", 1, 2, 0);
	trans[0][253]	= settr(252,4,321,116,116,"woken = 3", 1, 2, 0); /* m: 283 -> 0,321 */
	reached0[283] = 1;
	trans[0][283]	= settr(282,4,321,117,117,".(goto)", 1, 2, 0); /* m: 313 -> 0,321 */
	reached0[313] = 1;
	trans[0][257]	= settr(256,2,281,2,0,"else", 1, 2, 0);
	T = trans[ 0][281] = settr(280,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(280,0,279,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][279] = settr(278,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(278,2,258,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(278,2,277,0,0,"IF", 1, 2, 0);
	trans[0][258]	= settr(257,2,273,118,118,"((waiting>0))", 1, 2, 0); /* m: 259 -> 273,0 */
	reached0[259] = 1;
	trans[0][259]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][260]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][273] = settr(272,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(272,0,261,0,0,"sub-sequence", 1, 2, 0);
	trans[0][261]	= settr(260,2,267,119,119,"index = 1", 1, 2, 0);
	trans[0][268]	= settr(267,2,267,1,0,".(goto)", 1, 2, 0);
	T = trans[0][267] = settr(266,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(266,2,262,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(266,2,265,0,0,"DO", 1, 2, 0);
	trans[0][262]	= settr(261,2,267,120,120,"((index<waiting))", 1, 2, 0); /* m: 263 -> 267,0 */
	reached0[263] = 1;
	trans[0][263]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][264]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][265]	= settr(264,2,270,2,0,"else", 1, 2, 0);
	trans[0][266]	= settr(265,2,270,1,0,"goto :b8", 1, 2, 0); /* m: 270 -> 0,321 */
	reached0[270] = 1;
	trans[0][269]	= settr(268,2,270,1,0,"break", 1, 2, 0);
	trans[0][270]	= settr(269,4,321,121,121,"waiting = (waiting-1)", 1, 2, 0); /* m: 271 -> 0,321 */
	reached0[271] = 1;
	trans[0][271]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][272]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][274]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][275]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[0][276]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][280]	= settr(279,2,283,1,0,".(goto)", 1, 2, 0); /* m: 283 -> 0,321 */
	reached0[283] = 1;
	trans[0][277]	= settr(276,2,278,2,0,"else", 1, 2, 0);
	trans[0][278]	= settr(277,4,321,122,122,"woken = 3", 1, 2, 0); /* m: 283 -> 0,321 */
	reached0[283] = 1;
	trans[0][313]	= settr(312,0,321,123,123,".(goto)", 1, 2, 0);
	trans[0][284]	= settr(283,2,310,124,124,"((((waiting>0)&&(idle==0))&&(created<1)))", 1, 2, 0); /* m: 285 -> 310,0 */
	reached0[285] = 1;
	trans[0][285]	= settr(0,0,0,0,0,"created = (created+1)",0,0,0);
	trans[0][286]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[ 0][310] = settr(309,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(309,0,308,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][308] = settr(307,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(307,2,287,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(307,2,306,0,0,"IF", 1, 2, 0);
	trans[0][287]	= settr(286,2,302,125,125,"((waiting>0))", 1, 2, 0); /* m: 288 -> 302,0 */
	reached0[288] = 1;
	trans[0][288]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][289]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][302] = settr(301,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(301,0,290,0,0,"sub-sequence", 1, 2, 0);
	trans[0][290]	= settr(289,2,296,126,126,"index = 1", 1, 2, 0);
	trans[0][297]	= settr(296,2,296,1,0,".(goto)", 1, 2, 0);
	T = trans[0][296] = settr(295,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(295,2,291,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(295,2,294,0,0,"DO", 1, 2, 0);
	trans[0][291]	= settr(290,2,296,127,127,"((index<waiting))", 1, 2, 0); /* m: 292 -> 296,0 */
	reached0[292] = 1;
	trans[0][292]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][293]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][294]	= settr(293,2,299,2,0,"else", 1, 2, 0);
	trans[0][295]	= settr(294,2,299,1,0,"goto :b9", 1, 2, 0); /* m: 299 -> 0,321 */
	reached0[299] = 1;
	trans[0][298]	= settr(297,2,299,1,0,"break", 1, 2, 0);
	trans[0][299]	= settr(298,4,321,128,128,"waiting = (waiting-1)", 1, 2, 0); /* m: 300 -> 0,321 */
	reached0[300] = 1;
	trans[0][300]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][301]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][303]	= settr(0,0,0,0,0,"with_connection[woken] = 0",0,0,0);
	trans[0][304]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[0][305]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][309]	= settr(308,4,321,129,129,".(goto)", 1, 2, 0); /* m: 313 -> 0,321 */
	reached0[313] = 1;
	trans[0][306]	= settr(305,2,307,2,0,"else", 1, 2, 0);
	trans[0][307]	= settr(306,4,321,130,130,"woken = 3", 1, 2, 0); /* m: 309 -> 0,321 */
	reached0[309] = 1;
	trans[0][311]	= settr(310,2,313,2,0,"else", 1, 2, 0);
	T = trans[ 0][321] = settr(320,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(320,0,319,0,0,"sub-sequence", 0, 2, 0);
	T = trans[0][319] = settr(318,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(318,0,316,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(318,0,318,0,0,"IF", 0, 2, 0);
	trans[0][316]	= settr(315,0,317,131,0,"((woken!=3))", 0, 2, 0);
	trans[0][317]	= settr(316,0,582,132,132,"bell[woken] = 1", 1, 2, 0);
	trans[0][320]	= settr(319,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][318]	= settr(317,0,582,2,0,"else", 0, 2, 0);
	trans[0][325]	= settr(324,0,329,133,133,"(((state[me]==SERVED)&&!(interrupted)))", 1, 2, 0);
	T = trans[0][329] = settr(328,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(328,0,326,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(328,0,327,0,0,"IF", 0, 2, 0);
	trans[0][326]	= settr(325,0,576,134,0,"(with_connection[me])", 1, 2, 0);
	trans[0][330]	= settr(329,0,576,1,0,".(goto)", 0, 2, 0);
	trans[0][327]	= settr(326,0,328,135,0,"(!(with_connection[me]))", 1, 2, 0);
	trans[0][328]	= settr(327,0,576,136,136,"born[me] = epoch", 1, 2, 0);
	T = trans[0][576] = settr(575,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(575,0,477,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(575,0,575,0,0,"IF", 0, 2, 0);
	T = trans[ 0][477] = settr(476,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(476,0,367,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][367] = settr(366,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(366,2,365,0,0,"ATOMIC", 1, 2, 0);
	T = trans[0][365] = settr(364,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(364,2,331,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(364,2,334,0,0,"IF", 1, 2, 0);
	trans[0][331]	= settr(330,4,475,137,137,"((born[me]!=epoch))", 1, 2, 0); /* m: 332 -> 475,0 */
	reached0[332] = 1;
	trans[0][332]	= settr(0,0,0,0,0,"stale = 1",0,0,0);
	trans[0][333]	= settr(0,0,0,0,0,"woken = 3",0,0,0);
	trans[0][366]	= settr(365,0,475,138,138,".(goto)", 1, 2, 0);
	trans[0][334]	= settr(333,2,358,2,0,"else", 1, 2, 0);
	T = trans[ 0][358] = settr(357,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(357,0,356,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][356] = settr(355,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(355,2,335,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(355,2,354,0,0,"IF", 1, 2, 0);
	trans[0][335]	= settr(334,2,350,139,139,"((waiting>0))", 1, 2, 0); /* m: 336 -> 350,0 */
	reached0[336] = 1;
	trans[0][336]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][337]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][350] = settr(349,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(349,0,338,0,0,"sub-sequence", 1, 2, 0);
	trans[0][338]	= settr(337,2,344,140,140,"index = 1", 1, 2, 0);
	trans[0][345]	= settr(344,2,344,1,0,".(goto)", 1, 2, 0);
	T = trans[0][344] = settr(343,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(343,2,339,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(343,2,342,0,0,"DO", 1, 2, 0);
	trans[0][339]	= settr(338,2,344,141,141,"((index<waiting))", 1, 2, 0); /* m: 340 -> 344,0 */
	reached0[340] = 1;
	trans[0][340]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][341]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][342]	= settr(341,2,347,2,0,"else", 1, 2, 0);
	trans[0][343]	= settr(342,2,347,1,0,"goto :b10", 1, 2, 0); /* m: 347 -> 0,363 */
	reached0[347] = 1;
	trans[0][346]	= settr(345,2,347,1,0,"break", 1, 2, 0);
	trans[0][347]	= settr(346,2,363,142,142,"waiting = (waiting-1)", 1, 2, 0); /* m: 348 -> 0,363 */
	reached0[348] = 1;
	trans[0][348]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][349]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][351]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][352]	= settr(0,0,0,0,0,"born[woken] = born[me]",0,0,0);
	trans[0][353]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][357]	= settr(356,2,363,1,0,".(goto)", 1, 2, 0);
	trans[0][354]	= settr(353,2,355,2,0,"else", 1, 2, 0);
	trans[0][355]	= settr(354,2,363,143,143,"woken = 3", 1, 2, 0);
	T = trans[0][363] = settr(362,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(362,2,359,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(362,2,362,0,0,"IF", 1, 2, 0);
	trans[0][359]	= settr(358,4,475,144,144,"((woken==3))", 1, 2, 0); /* m: 360 -> 475,0 */
	reached0[360] = 1;
	trans[0][360]	= settr(0,0,0,0,0,"idle = (idle+1)",0,0,0);
	trans[0][361]	= settr(0,0,0,0,0,"held = (held-1)",0,0,0);
	trans[0][364]	= settr(363,4,475,145,145,".(goto)", 1, 2, 0); /* m: 366 -> 0,475 */
	reached0[366] = 1;
	trans[0][362]	= settr(361,2,364,2,0,"else", 1, 2, 0);
	T = trans[0][475] = settr(474,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(474,0,368,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(474,0,468,0,0,"IF", 0, 2, 0);
	trans[0][368]	= settr(367,0,467,146,146,"(stale)", 0, 2, 0); /* m: 369 -> 467,0 */
	reached0[369] = 1;
	trans[0][369]	= settr(0,0,0,0,0,"stale = 0",0,0,0);
	T = trans[ 0][467] = settr(466,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(466,0,460,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][460] = settr(459,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(459,2,370,0,0,"ATOMIC", 1, 2, 0);
	trans[0][370]	= settr(369,2,459,147,147,"held = (held-1)", 1, 2, 0); /* m: 371 -> 0,459 */
	reached0[371] = 1;
	trans[0][371]	= settr(0,0,0,0,0,"created = (created-1)",0,0,0);
	T = trans[ 0][459] = settr(458,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(458,0,372,0,0,"sub-sequence", 1, 2, 0);
	trans[0][372]	= settr(371,2,457,148,148,"woken = 3", 1, 2, 0);
	T = trans[0][457] = settr(456,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(456,2,373,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(456,2,429,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(456,2,456,0,0,"IF", 1, 2, 0);
	trans[0][373]	= settr(372,2,427,149,149,"(((waiting>0)&&(idle>0)))", 1, 2, 0); /* m: 374 -> 427,0 */
	reached0[374] = 1;
	trans[0][374]	= settr(0,0,0,0,0,"idle = (idle-1)",0,0,0);
	trans[0][375]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[0][427] = settr(426,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(426,2,376,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(426,2,402,0,0,"IF", 1, 2, 0);
	trans[0][376]	= settr(375,2,401,150,150,"((idle_of_old>0))", 1, 2, 0); /* m: 377 -> 401,0 */
	reached0[377] = 1;
	trans[0][377]	= settr(0,0,0,0,0,"idle_of_old = (idle_of_old-1)",0,0,0);
	T = trans[ 0][401] = settr(400,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(400,0,399,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][399] = settr(398,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(398,2,378,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(398,2,397,0,0,"IF", 1, 2, 0);
	trans[0][378]	= settr(377,2,393,151,151,"((waiting>0))", 1, 2, 0); /* m: 379 -> 393,0 */
	reached0[379] = 1;
	trans[0][379]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][380]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][393] = settr(392,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(392,0,381,0,0,"sub-sequence", 1, 2, 0);
	trans[0][381]	= settr(380,2,387,152,152,"index = 1", 1, 2, 0);
	trans[0][388]	= settr(387,2,387,1,0,".(goto)", 1, 2, 0);
	T = trans[0][387] = settr(386,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(386,2,382,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(386,2,385,0,0,"DO", 1, 2, 0);
	trans[0][382]	= settr(381,2,387,153,153,"((index<waiting))", 1, 2, 0); /* m: 383 -> 387,0 */
	reached0[383] = 1;
	trans[0][383]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][384]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][385]	= settr(384,2,390,2,0,"else", 1, 2, 0);
	trans[0][386]	= settr(385,2,390,1,0,"goto :b11", 1, 2, 0); /* m: 390 -> 0,466 */
	reached0[390] = 1;
	trans[0][389]	= settr(388,2,390,1,0,"break", 1, 2, 0);
	trans[0][390]	= settr(389,4,466,154,154,"waiting = (waiting-1)", 1, 2, 0); /* m: 391 -> 0,466 */
	reached0[391] = 1;
	trans[0][391]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][392]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][394]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][395]	= settr(0,0,0,0,0,"born[woken] = (epoch-1)",0,0,0);
	trans[0][396]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][400]	= settr(399,2,428,1,0,".(goto)", 1, 2, 0); /* m: 428 -> 0,466 */
	reached0[428] = 1;
	trans[0][397]	= settr(396,2,398,2,0,"else", 1, 2, 0);
	trans[0][398]	= settr(397,4,466,155,155,"woken = 3", 1, 2, 0); /* m: 428 -> 0,466 */
	reached0[428] = 1;
	trans[0][428]	= settr(427,4,466,156,156,".(goto)", 1, 2, 0); /* m: 458 -> 0,466 */
	reached0[458] = 1;
	trans[0][402]	= settr(401,2,426,2,0,"else", 1, 2, 0);
	T = trans[ 0][426] = settr(425,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(425,0,424,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][424] = settr(423,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(423,2,403,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(423,2,422,0,0,"IF", 1, 2, 0);
	trans[0][403]	= settr(402,2,418,157,157,"((waiting>0))", 1, 2, 0); /* m: 404 -> 418,0 */
	reached0[404] = 1;
	trans[0][404]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][405]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][418] = settr(417,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(417,0,406,0,0,"sub-sequence", 1, 2, 0);
	trans[0][406]	= settr(405,2,412,158,158,"index = 1", 1, 2, 0);
	trans[0][413]	= settr(412,2,412,1,0,".(goto)", 1, 2, 0);
	T = trans[0][412] = settr(411,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(411,2,407,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(411,2,410,0,0,"DO", 1, 2, 0);
	trans[0][407]	= settr(406,2,412,159,159,"((index<waiting))", 1, 2, 0); /* m: 408 -> 412,0 */
	reached0[408] = 1;
	trans[0][408]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][409]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][410]	= settr(409,2,415,2,0,"else", 1, 2, 0);
	trans[0][411]	= settr(410,2,415,1,0,"goto :b12", 1, 2, 0); /* m: 415 -> 0,466 */
	reached0[415] = 1;
	trans[0][414]	= settr(413,2,415,1,0,"break", 1, 2, 0);
	trans[0][415]	= settr(414,4,466,160,160,"waiting = (waiting-1)", 1, 2, 0); /* m: 416 -> 0,466 */
	reached0[416] = 1;
	trans[0][416]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][417]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][419]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][420]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[0][421]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][425]	= settr(424,2,428,1,0,".(goto)", 1, 2, 0); /* m: 428 -> 0,466 */
	reached0[428] = 1;
	trans[0][422]	= settr(421,2,423,2,0,"else", 1, 2, 0);
	trans[0][423]	= settr(422,4,466,161,161,"woken = 3", 1, 2, 0); /* m: 428 -> 0,466 */
	reached0[428] = 1;
	trans[0][458]	= settr(457,0,466,162,162,".(goto)", 1, 2, 0);
	trans[0][429]	= settr(428,2,455,163,163,"((((waiting>0)&&(idle==0))&&(created<1)))", 1, 2, 0); /* m: 430 -> 455,0 */
	reached0[430] = 1;
	trans[0][430]	= settr(0,0,0,0,0,"created = (created+1)",0,0,0);
	trans[0][431]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[ 0][455] = settr(454,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(454,0,453,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][453] = settr(452,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(452,2,432,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(452,2,451,0,0,"IF", 1, 2, 0);
	trans[0][432]	= settr(431,2,447,164,164,"((waiting>0))", 1, 2, 0); /* m: 433 -> 447,0 */
	reached0[433] = 1;
	trans[0][433]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][434]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][447] = settr(446,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(446,0,435,0,0,"sub-sequence", 1, 2, 0);
	trans[0][435]	= settr(434,2,441,165,165,"index = 1", 1, 2, 0);
	trans[0][442]	= settr(441,2,441,1,0,".(goto)", 1, 2, 0);
	T = trans[0][441] = settr(440,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(440,2,436,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(440,2,439,0,0,"DO", 1, 2, 0);
	trans[0][436]	= settr(435,2,441,166,166,"((index<waiting))", 1, 2, 0); /* m: 437 -> 441,0 */
	reached0[437] = 1;
	trans[0][437]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][438]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][439]	= settr(438,2,444,2,0,"else", 1, 2, 0);
	trans[0][440]	= settr(439,2,444,1,0,"goto :b13", 1, 2, 0); /* m: 444 -> 0,466 */
	reached0[444] = 1;
	trans[0][443]	= settr(442,2,444,1,0,"break", 1, 2, 0);
	trans[0][444]	= settr(443,4,466,167,167,"waiting = (waiting-1)", 1, 2, 0); /* m: 445 -> 0,466 */
	reached0[445] = 1;
	trans[0][445]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][446]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][448]	= settr(0,0,0,0,0,"with_connection[woken] = 0",0,0,0);
	trans[0][449]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[0][450]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][454]	= settr(453,4,466,168,168,".(goto)", 1, 2, 0); /* m: 458 -> 0,466 */
	reached0[458] = 1;
	trans[0][451]	= settr(450,2,452,2,0,"else", 1, 2, 0);
	trans[0][452]	= settr(451,4,466,169,169,"woken = 3", 1, 2, 0); /* m: 454 -> 0,466 */
	reached0[454] = 1;
	trans[0][456]	= settr(455,2,458,2,0,"else", 1, 2, 0);
	T = trans[ 0][466] = settr(465,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(465,0,464,0,0,"sub-sequence", 0, 2, 0);
	T = trans[0][464] = settr(463,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(463,0,461,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(463,0,463,0,0,"IF", 0, 2, 0);
	trans[0][461]	= settr(460,0,462,170,0,"((woken!=3))", 0, 2, 0);
	trans[0][462]	= settr(461,0,582,171,171,"bell[woken] = 1", 1, 2, 0);
	trans[0][465]	= settr(464,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][463]	= settr(462,0,582,2,0,"else", 0, 2, 0);
	trans[0][476]	= settr(475,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][468]	= settr(467,0,474,2,0,"else", 0, 2, 0);
	T = trans[ 0][474] = settr(473,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(473,0,472,0,0,"sub-sequence", 0, 2, 0);
	T = trans[0][472] = settr(471,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(471,0,469,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(471,0,471,0,0,"IF", 0, 2, 0);
	trans[0][469]	= settr(468,0,470,172,0,"((woken!=3))", 0, 2, 0);
	trans[0][470]	= settr(469,0,582,173,173,"bell[woken] = 1", 1, 2, 0);
	trans[0][473]	= settr(472,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][471]	= settr(470,0,582,2,0,"else", 0, 2, 0);
	trans[0][577]	= settr(576,0,582,1,0,".(goto)", 0, 2, 0);
	T = trans[ 0][575] = settr(574,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(574,0,568,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][568] = settr(567,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(567,2,478,0,0,"ATOMIC", 1, 2, 0);
	trans[0][478]	= settr(477,2,567,174,174,"held = (held-1)", 1, 2, 0); /* m: 479 -> 0,567 */
	reached0[479] = 1;
	trans[0][479]	= settr(0,0,0,0,0,"created = (created-1)",0,0,0);
	T = trans[ 0][567] = settr(566,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(566,0,480,0,0,"sub-sequence", 1, 2, 0);
	trans[0][480]	= settr(479,2,565,175,175,"woken = 3", 1, 2, 0);
	T = trans[0][565] = settr(564,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(564,2,481,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(564,2,537,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(564,2,564,0,0,"IF", 1, 2, 0);
	trans[0][481]	= settr(480,2,535,176,176,"(((waiting>0)&&(idle>0)))", 1, 2, 0); /* m: 482 -> 535,0 */
	reached0[482] = 1;
	trans[0][482]	= settr(0,0,0,0,0,"idle = (idle-1)",0,0,0);
	trans[0][483]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[0][535] = settr(534,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(534,2,484,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(534,2,510,0,0,"IF", 1, 2, 0);
	trans[0][484]	= settr(483,2,509,177,177,"((idle_of_old>0))", 1, 2, 0); /* m: 485 -> 509,0 */
	reached0[485] = 1;
	trans[0][485]	= settr(0,0,0,0,0,"idle_of_old = (idle_of_old-1)",0,0,0);
	T = trans[ 0][509] = settr(508,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(508,0,507,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][507] = settr(506,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(506,2,486,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(506,2,505,0,0,"IF", 1, 2, 0);
	trans[0][486]	= settr(485,2,501,178,178,"((waiting>0))", 1, 2, 0); /* m: 487 -> 501,0 */
	reached0[487] = 1;
	trans[0][487]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][488]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][501] = settr(500,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(500,0,489,0,0,"sub-sequence", 1, 2, 0);
	trans[0][489]	= settr(488,2,495,179,179,"index = 1", 1, 2, 0);
	trans[0][496]	= settr(495,2,495,1,0,".(goto)", 1, 2, 0);
	T = trans[0][495] = settr(494,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(494,2,490,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(494,2,493,0,0,"DO", 1, 2, 0);
	trans[0][490]	= settr(489,2,495,180,180,"((index<waiting))", 1, 2, 0); /* m: 491 -> 495,0 */
	reached0[491] = 1;
	trans[0][491]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][492]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][493]	= settr(492,2,498,2,0,"else", 1, 2, 0);
	trans[0][494]	= settr(493,2,498,1,0,"goto :b14", 1, 2, 0); /* m: 498 -> 0,574 */
	reached0[498] = 1;
	trans[0][497]	= settr(496,2,498,1,0,"break", 1, 2, 0);
	trans[0][498]	= settr(497,4,574,181,181,"waiting = (waiting-1)", 1, 2, 0); /* m: 499 -> 0,574 */
	reached0[499] = 1;
	trans[0][499]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][500]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][502]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][503]	= settr(0,0,0,0,0,"born[woken] = (epoch-1)",0,0,0);
	trans[0][504]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][508]	= settr(507,2,536,1,0,".(goto)", 1, 2, 0); /* m: 536 -> 0,574 */
	reached0[536] = 1;
	trans[0][505]	= settr(504,2,506,2,0,"else", 1, 2, 0);
	trans[0][506]	= settr(505,4,574,182,182,"woken = 3", 1, 2, 0); /* m: 536 -> 0,574 */
	reached0[536] = 1;
	trans[0][536]	= settr(535,4,574,183,183,".(goto)", 1, 2, 0); /* m: 566 -> 0,574 */
	reached0[566] = 1;
	trans[0][510]	= settr(509,2,534,2,0,"else", 1, 2, 0);
	T = trans[ 0][534] = settr(533,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(533,0,532,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][532] = settr(531,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(531,2,511,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(531,2,530,0,0,"IF", 1, 2, 0);
	trans[0][511]	= settr(510,2,526,184,184,"((waiting>0))", 1, 2, 0); /* m: 512 -> 526,0 */
	reached0[512] = 1;
	trans[0][512]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][513]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][526] = settr(525,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(525,0,514,0,0,"sub-sequence", 1, 2, 0);
	trans[0][514]	= settr(513,2,520,185,185,"index = 1", 1, 2, 0);
	trans[0][521]	= settr(520,2,520,1,0,".(goto)", 1, 2, 0);
	T = trans[0][520] = settr(519,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(519,2,515,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(519,2,518,0,0,"DO", 1, 2, 0);
	trans[0][515]	= settr(514,2,520,186,186,"((index<waiting))", 1, 2, 0); /* m: 516 -> 520,0 */
	reached0[516] = 1;
	trans[0][516]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][517]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][518]	= settr(517,2,523,2,0,"else", 1, 2, 0);
	trans[0][519]	= settr(518,2,523,1,0,"goto :b15", 1, 2, 0); /* m: 523 -> 0,574 */
	reached0[523] = 1;
	trans[0][522]	= settr(521,2,523,1,0,"break", 1, 2, 0);
	trans[0][523]	= settr(522,4,574,187,187,"waiting = (waiting-1)", 1, 2, 0); /* m: 524 -> 0,574 */
	reached0[524] = 1;
	trans[0][524]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][525]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][527]	= settr(0,0,0,0,0,"with_connection[woken] = 1",0,0,0);
	trans[0][528]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[0][529]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][533]	= settr(532,2,536,1,0,".(goto)", 1, 2, 0); /* m: 536 -> 0,574 */
	reached0[536] = 1;
	trans[0][530]	= settr(529,2,531,2,0,"else", 1, 2, 0);
	trans[0][531]	= settr(530,4,574,188,188,"woken = 3", 1, 2, 0); /* m: 536 -> 0,574 */
	reached0[536] = 1;
	trans[0][566]	= settr(565,0,574,189,189,".(goto)", 1, 2, 0);
	trans[0][537]	= settr(536,2,563,190,190,"((((waiting>0)&&(idle==0))&&(created<1)))", 1, 2, 0); /* m: 538 -> 563,0 */
	reached0[538] = 1;
	trans[0][538]	= settr(0,0,0,0,0,"created = (created+1)",0,0,0);
	trans[0][539]	= settr(0,0,0,0,0,"held = (held+1)",0,0,0);
	T = trans[ 0][563] = settr(562,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(562,0,561,0,0,"sub-sequence", 1, 2, 0);
	T = trans[0][561] = settr(560,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(560,2,540,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(560,2,559,0,0,"IF", 1, 2, 0);
	trans[0][540]	= settr(539,2,555,191,191,"((waiting>0))", 1, 2, 0); /* m: 541 -> 555,0 */
	reached0[541] = 1;
	trans[0][541]	= settr(0,0,0,0,0,"woken = line[0]",0,0,0);
	trans[0][542]	= settr(0,0,0,0,0,"assert((state[woken]==WAITING))",0,0,0);
	T = trans[ 0][555] = settr(554,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(554,0,543,0,0,"sub-sequence", 1, 2, 0);
	trans[0][543]	= settr(542,2,549,192,192,"index = 1", 1, 2, 0);
	trans[0][550]	= settr(549,2,549,1,0,".(goto)", 1, 2, 0);
	T = trans[0][549] = settr(548,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(548,2,544,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(548,2,547,0,0,"DO", 1, 2, 0);
	trans[0][544]	= settr(543,2,549,193,193,"((index<waiting))", 1, 2, 0); /* m: 545 -> 549,0 */
	reached0[545] = 1;
	trans[0][545]	= settr(0,0,0,0,0,"line[(index-1)] = line[index]",0,0,0);
	trans[0][546]	= settr(0,0,0,0,0,"index = (index+1)",0,0,0);
	trans[0][547]	= settr(546,2,552,2,0,"else", 1, 2, 0);
	trans[0][548]	= settr(547,2,552,1,0,"goto :b16", 1, 2, 0); /* m: 552 -> 0,574 */
	reached0[552] = 1;
	trans[0][551]	= settr(550,2,552,1,0,"break", 1, 2, 0);
	trans[0][552]	= settr(551,4,574,194,194,"waiting = (waiting-1)", 1, 2, 0); /* m: 553 -> 0,574 */
	reached0[553] = 1;
	trans[0][553]	= settr(0,0,0,0,0,"line[waiting] = 0",0,0,0);
	trans[0][554]	= settr(0,0,0,0,0,"index = 0",0,0,0);
	trans[0][556]	= settr(0,0,0,0,0,"with_connection[woken] = 0",0,0,0);
	trans[0][557]	= settr(0,0,0,0,0,"born[woken] = epoch",0,0,0);
	trans[0][558]	= settr(0,0,0,0,0,"state[woken] = SERVED",0,0,0);
	trans[0][562]	= settr(561,4,574,195,195,".(goto)", 1, 2, 0); /* m: 566 -> 0,574 */
	reached0[566] = 1;
	trans[0][559]	= settr(558,2,560,2,0,"else", 1, 2, 0);
	trans[0][560]	= settr(559,4,574,196,196,"woken = 3", 1, 2, 0); /* m: 562 -> 0,574 */
	reached0[562] = 1;
	trans[0][564]	= settr(563,2,566,2,0,"else", 1, 2, 0);
	T = trans[ 0][574] = settr(573,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(573,0,572,0,0,"sub-sequence", 0, 2, 0);
	T = trans[0][572] = settr(571,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(571,0,569,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(571,0,571,0,0,"IF", 0, 2, 0);
	trans[0][569]	= settr(568,0,570,197,0,"((woken!=3))", 0, 2, 0);
	trans[0][570]	= settr(569,0,582,198,198,"bell[woken] = 1", 1, 2, 0);
	trans[0][573]	= settr(572,0,582,1,0,".(goto)", 0, 2, 0);
	trans[0][571]	= settr(570,0,582,2,0,"else", 0, 2, 0);
	T = trans[ 0][582] = settr(581,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(581,2,580,0,0,"ATOMIC", 1, 2, 0);
	trans[0][580]	= settr(579,0,583,199,199,"state[me] = AWAY", 1, 2, 0); /* m: 581 -> 0,583 */
	reached0[581] = 1;
	trans[0][581]	= settr(0,0,0,0,0,"bell[me] = 0",0,0,0);
	trans[0][585]	= settr(584,0,586,1,0,"break", 0, 2, 0);
	trans[0][586]	= settr(585,0,0,200,200,"-end-", 0, 3500, 0);
	/* np_ demon: */
	trans[_NP_] = (Trans **) emalloc(3*sizeof(Trans *));
	T = trans[_NP_][0] = settr(9997,0,1,_T5,0,"(np_)", 1,2,0);
	    T->nxt	  = settr(9998,0,0,_T2,0,"(1)",   0,2,0);
	T = trans[_NP_][1] = settr(9999,0,1,_T5,0,"(np_)", 1,2,0);
}

Trans *
settr(	int t_id, int a, int b, int c, int d,
	char *t, int g, int tpe0, int tpe1)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	tmp->atom  = a&(6|32);	/* only (2|8|32) have meaning */
	if (!g) tmp->atom |= 8;	/* no global references */
	tmp->st    = b;
	tmp->tpe[0] = tpe0;
	tmp->tpe[1] = tpe1;
	tmp->tp    = t;
	tmp->t_id  = t_id;
	tmp->forw  = c;
	tmp->back  = d;
	return tmp;
}

Trans *
cpytr(Trans *a)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	int i;
	tmp->atom  = a->atom;
	tmp->st    = a->st;
#ifdef HAS_UNLESS
	tmp->e_trans = a->e_trans;
	for (i = 0; i < HAS_UNLESS; i++)
		tmp->escp[i] = a->escp[i];
#endif
	tmp->tpe[0] = a->tpe[0];
	tmp->tpe[1] = a->tpe[1];
	for (i = 0; i < 6; i++)
	{	tmp->qu[i] = a->qu[i];
		tmp->ty[i] = a->ty[i];
	}
	tmp->tp    = (char *) emalloc(strlen(a->tp)+1);
	strcpy(tmp->tp, a->tp);
	tmp->t_id  = a->t_id;
	tmp->forw  = a->forw;
	tmp->back  = a->back;
	return tmp;
}

#ifndef NOREDUCE
int
srinc_set(int n)
{	if (n <= 2) return LOCAL;
	if (n <= 2+  DELTA) return Q_FULL_F; /* 's' or nfull  */
	if (n <= 2+2*DELTA) return Q_EMPT_F; /* 'r' or nempty */
	if (n <= 2+3*DELTA) return Q_EMPT_T; /* empty */
	if (n <= 2+4*DELTA) return Q_FULL_T; /* full  */
	if (n ==   5*DELTA) return GLOBAL;
	if (n ==   6*DELTA) return TIMEOUT_F;
	if (n ==   7*DELTA) return ALPHA_F;
	Uerror("cannot happen srinc_class");
	return BAD;
}
int
srunc(int n, int m)
{	switch(m) {
	case Q_FULL_F: return n-2;
	case Q_EMPT_F: return n-2-DELTA;
	case Q_EMPT_T: return n-2-2*DELTA;
	case Q_FULL_T: return n-2-3*DELTA;
	case ALPHA_F:
	case TIMEOUT_F: return 257; /* non-zero, and > MAXQ */
	}
	Uerror("cannot happen srunc");
	return 0;
}
#endif
int cnt;
#ifdef HAS_UNLESS
int
isthere(Trans *a, int b)
{	Trans *t;
	for (t = a; t; t = t->nxt)
		if (t->t_id == b)
			return 1;
	return 0;
}
#endif
#ifndef NOREDUCE
int
mark_safety(Trans *t) /* for conditional safety */
{	int g = 0, i, j, k;

	if (!t) return 0;
	if (t->qu[0])
		return (t->qu[1])?2:1;	/* marked */

	for (i = 0; i < 2; i++)
	{	j = srinc_set(t->tpe[i]);
		if (j >= GLOBAL && j != ALPHA_F)
			return -1;
		if (j != LOCAL)
		{	k = srunc(t->tpe[i], j);
			if (g == 0
			||  t->qu[0] != k
			||  t->ty[0] != j)
			{	t->qu[g] = k;
				t->ty[g] = j;
				g++;
	}	}	}
	return g;
}
#endif
void
retrans(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
	/* process n, with m states, is=initial state */
{	Trans *T0, *T1, *T2, *T3;
	Trans *T4, *T5; /* t_reverse or has_unless */
	int i;
#if defined(HAS_UNLESS) || !defined(NOREDUCE)
	int k;
#endif
#ifndef NOREDUCE
	int g, h, j, aa;
#endif
#ifdef HAS_UNLESS
	int p;
#endif
	if (state_tables >= 4)
	{	printf("STEP 1 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	do {
		for (i = 1, cnt = 0; i < m; i++)
		{	T2 = trans[n][i];
			T1 = T2?T2->nxt:(Trans *)0;
/* prescan: */		for (T0 = T1; T0; T0 = T0->nxt)
/* choice in choice */	{	if (T0->st && trans[n][T0->st]
				&&  trans[n][T0->st]->nxt)
					break;
			}
#if 0
		if (T0)
		printf("\tstate %d / %d: choice in choice\n",
		i, T0->st);
#endif
			if (T0)
			for (T0 = T1; T0; T0 = T0->nxt)
			{	T3 = trans[n][T0->st];
				if (!T3->nxt)
				{	T2->nxt = cpytr(T0);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
					continue;
				}
				do {	T3 = T3->nxt;
					T2->nxt = cpytr(T3);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
				} while (T3->nxt);
				cnt++;
			}
		}
	} while (cnt);
	if (state_tables >= 3)
	{	printf("STEP 2 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	for (i = 1; i < m; i++)
	{	if (trans[n][i] && trans[n][i]->nxt) /* optimize */
		{	T1 = trans[n][i]->nxt;
#if 0
			printf("\t\tpull %d (%d) to %d\n",
			T1->st, T1->forw, i);
#endif
			srcln[i] = srcln[T1->st];	/* Oyvind Teig, 5.2.0 */

			if (!trans[n][T1->st]) continue;
			T0 = cpytr(trans[n][T1->st]);
			trans[n][i] = T0;
			reach[T1->st] = 1;
			imed(T0, T1->st, n, i);
			for (T1 = T1->nxt; T1; T1 = T1->nxt)
			{
#if 0
			printf("\t\tpull %d (%d) to %d\n",
				T1->st, T1->forw, i);
#endif
		/*		srcln[i] = srcln[T1->st];  gh: not useful */
				if (!trans[n][T1->st]) continue;
				T0->nxt = cpytr(trans[n][T1->st]);
				T0 = T0->nxt;
				reach[T1->st] = 1;
				imed(T0, T1->st, n, i);
	}	}	}
	if (state_tables >= 2)
	{	printf("STEP 3 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
#ifdef HAS_UNLESS
	for (i = 1; i < m; i++)
	{	if (!trans[n][i]) continue;
		/* check for each state i if an
		 * escape to some state p is defined
		 * if so, copy and mark p's transitions
		 * and prepend them to the transition-
		 * list of state i
		 */
	 if (!like_java) /* the default */
	 {	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->e_trans = p;
				T2->nxt = trans[n][i];
				trans[n][i] = T2;
		}	}
	 } else /* outermost unless checked first */
	 {	T4 = T3 = (Trans *) 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->nxt = (Trans *) 0;
				T2->e_trans = p;
				if (T3)	T3->nxt = T2;
				else	T4 = T2;
				T3 = T2;
		}	}
		if (T4)
		{	T3->nxt = trans[n][i];
			trans[n][i] = T4;
		}
	 }
	}
#endif
#ifndef NOREDUCE
	for (i = 1; i < m; i++)
	{	if (a_cycles)
		{ /* moves through these states are visible */
	#if PROG_LAB>0 && defined(HAS_NP)
			if (progstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (progstate[n][T1->st])
					goto degrade;
	#endif
			if (accpstate[n][i] || visstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (accpstate[n][T1->st])
					goto degrade;
		}
		T1 = trans[n][i];
		if (!T1) continue;
		g = mark_safety(T1);	/* V3.3.1 */
		if (g < 0) goto degrade; /* global */
		/* check if mixing of guards preserves reduction */
		if (T1->nxt)
		{	k = 0;
			for (T0 = T1; T0; T0 = T0->nxt)
			{	if (!(T0->atom&8))
					goto degrade;
				for (aa = 0; aa < 2; aa++)
				{	j = srinc_set(T0->tpe[aa]);
					if (j >= GLOBAL && j != ALPHA_F)
						goto degrade;
					if (T0->tpe[aa]
					&&  T0->tpe[aa]
					!=  T1->tpe[0])
						k = 1;
			}	}
			/* g = 0;	V3.3.1 */
			if (k)	/* non-uniform selection */
			for (T0 = T1; T0; T0 = T0->nxt)
			for (aa = 0; aa < 2; aa++)
			{	j = srinc_set(T0->tpe[aa]);
				if (j != LOCAL)
				{	k = srunc(T0->tpe[aa], j);
					for (h = 0; h < 6; h++)
						if (T1->qu[h] == k
						&&  T1->ty[h] == j)
							break;
					if (h >= 6)
					{	T1->qu[g%6] = k;
						T1->ty[g%6] = j;
						g++;
			}	}	}
			if (g > 6)
			{	T1->qu[0] = 0;	/* turn it off */
				printf("pan: warning, line %d, ",
					srcln[i]);
			 	printf("too many stmnt types (%d)",
					g);
			  	printf(" in selection\n");
			  goto degrade;
			}
		}
		/* mark all options global if >=1 is global */
		for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			if (!(T1->atom&8)) break;
		if (T1)
degrade:	for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			T1->atom &= ~8;	/* mark as unsafe */
		/* can only mix 'r's or 's's if on same chan */
		/* and not mixed with other local operations */
		T1 = trans[n][i];
		if (!T1 || T1->qu[0]) continue;
		j = T1->tpe[0];
		if (T1->nxt && T1->atom&8)
		{ if (j == 5*DELTA)
		  {	printf("warning: line %d ", srcln[i]);
			printf("mixed condition ");
			printf("(defeats reduction)\n");
			goto degrade;
		  }
		  for (T0 = T1; T0; T0 = T0->nxt)
		  for (aa = 0; aa < 2; aa++)
		  if  (T0->tpe[aa] && T0->tpe[aa] != j)
		  {	printf("warning: line %d ", srcln[i]);
			printf("[%d-%d] mixed %stion ",
				T0->tpe[aa], j, 
				(j==5*DELTA)?"condi":"selec");
			printf("(defeats reduction)\n");
			printf("	'%s' <-> '%s'\n",
				T1->tp, T0->tp);
			goto degrade;
		} }
	}
#endif
	for (i = 1; i < m; i++)
	{	T2 = trans[n][i];
		if (!T2
		||  T2->nxt
		||  strncmp(T2->tp, ".(goto)", 7)
		||  !stopstate[n][i])
			continue;
		stopstate[n][T2->st] = 1;
	}
	if (state_tables && !verbose)
	{	if (dodot)
		{	char buf[256], *q = buf, *p = procname[n];
			while (*p != '\0')
			{	if (*p != ':')
				{	*q++ = *p;
				}
				p++;
			}
			*q = '\0';
			printf("digraph ");
			switch (Btypes[n]) {
			case I_PROC:  printf("init {\n"); break;
			case N_CLAIM: printf("claim_%s {\n", buf); break;
			case E_TRACE: printf("notrace {\n"); break;
			case N_TRACE: printf("trace {\n"); break;
			default:      printf("p_%s {\n", buf); break;
			}
			printf("size=\"8,10\";\n");
			printf("  GT [shape=box,style=dotted,label=\"%s\"];\n", buf);
			printf("  GT -> S%d;\n", is);
		} else
		{	switch (Btypes[n]) {
			case I_PROC:  printf("init\n"); break;
			case N_CLAIM: printf("claim %s\n", procname[n]); break;
			case E_TRACE: printf("notrace assertion\n"); break;
			case N_TRACE: printf("trace assertion\n"); break;
			default:      printf("proctype %s\n", procname[n]); break;
		}	}
		for (i = 1; i < m; i++)
		{	reach[i] = 1;
		}
		tagtable(n, m, is, srcln, reach);
		if (dodot) printf("}\n");
	} else
	for (i = 1; i < m; i++)
	{	int nrelse;
		if (Btypes[n] != N_CLAIM)
		{	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			{	if (T0->st == i
				&& strcmp(T0->tp, "(1)") == 0)
				{	printf("error: proctype '%s' ",
						procname[n]);
		  			printf("line %d, state %d: has un",
						srcln[i], i);
					printf("conditional self-loop\n");
					pan_exit(1);
		}	}	}
		nrelse = 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		{	if (strcmp(T0->tp, "else") == 0)
				nrelse++;
		}
		if (nrelse > 1)
		{	printf("error: proctype '%s' state",
				procname[n]);
		  	printf(" %d, inherits %d", i, nrelse);
		  	printf(" 'else' stmnts\n");
			pan_exit(1);
	}	}
#if !defined(LOOPSTATE) && !defined(BFS_PAR)
	if (state_tables)
#endif
	do_dfs(n, m, is, srcln, reach, lpstate);

	if (!t_reverse)
	{	return;
	}
	/* process n, with m states, is=initial state -- reverse list */
	if (!state_tables && Btypes[n] != N_CLAIM)
	{	for (i = 1; i < m; i++)
		{	Trans *Tx = (Trans *) 0; /* list of escapes */
			Trans *Ty = (Trans *) 0; /* its tail element */
			T1 = (Trans *) 0; /* reversed list */
			T2 = (Trans *) 0; /* its tail */
			T3 = (Trans *) 0; /* remembers possible 'else' */

			/* find unless-escapes, they should go first */
			T4 = T5 = T0 = trans[n][i];
	#ifdef HAS_UNLESS
			while (T4 && T4->e_trans) /* escapes are first in orig list */
			{	T5 = T4;	  /* remember predecessor */
				T4 = T4->nxt;
			}
	#endif
			/* T4 points to first non-escape, T5 to its parent, T0 to original list */
			if (T4 != T0)		 /* there was at least one escape */
			{	T3 = T5->nxt;		 /* start of non-escapes */
				T5->nxt = (Trans *) 0;	 /* separate */
				Tx = T0;		 /* start of the escapes */
				Ty = T5;		 /* its tail */
				T0 = T3;		 /* the rest, to be reversed */
			}
			/* T0 points to first non-escape, Tx to the list of escapes, Ty to its tail */

			/* first tail-add non-escape transitions, reversed */
			T3 = (Trans *) 0;
			for (T5 = T0; T5; T5 = T4)
			{	T4 = T5->nxt;
	#ifdef HAS_UNLESS
				if (T5->e_trans)
				{	printf("error: cannot happen!\n");
					continue;
				}
	#endif
				if (strcmp(T5->tp, "else") == 0)
				{	T3 = T5;
					T5->nxt = (Trans *) 0;
				} else
				{	T5->nxt = T1;
					if (!T1) { T2 = T5; }
					T1 = T5;
			}	}
			/* T3 points to a possible else, which is removed from the list */
			/* T1 points to the reversed list so far (without escapes) */
			/* T2 points to the tail element -- where the else should go */
			if (T2 && T3)
			{	T2->nxt = T3;	/* add else */
			} else
			{	if (T3) /* there was an else, but there's no tail */
				{	if (!T1)	/* and no reversed list */
					{	T1 = T3; /* odd, but possible */
					} else		/* even stranger */
					{	T1->nxt = T3;
			}	}	}

			/* add in the escapes, to that they appear at the front */
			if (Tx && Ty) { Ty->nxt = T1; T1 = Tx; }

			trans[n][i] = T1;
			/* reversed, with escapes first and else last */
	}	}
	if (state_tables && verbose)
	{	printf("FINAL proctype %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
	}
}
void
imed(Trans *T, int v, int n, int j)	/* set intermediate state */
{	progstate[n][T->st] |= progstate[n][v];
	accpstate[n][T->st] |= accpstate[n][v];
	stopstate[n][T->st] |= stopstate[n][v];
	mapstate[n][j] = T->st;
}
void
tagtable(int n, int m, int is, short srcln[], uchar reach[])
{	Trans *z;

	if (is >= m || !trans[n][is]
	||  is <= 0 || reach[is] == 0)
		return;
	reach[is] = 0;
	if (state_tables)
	for (z = trans[n][is]; z; z = z->nxt)
	{	if (dodot)
			dot_crack(n, is, z);
		else
			crack(n, is, z, srcln);
	}

	for (z = trans[n][is]; z; z = z->nxt)
	{
#ifdef HAS_UNLESS
		int i, j;
#endif
		tagtable(n, m, z->st, srcln, reach);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			tagtable(n, m, j, srcln, reach);
		}
#endif
	}
}

extern Trans *t_id_lkup[];

void
dfs_table(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	Trans *z;

	if (is >= m || is <= 0 || !trans[n][is])
		return;
	if ((reach[is] & (4|8|16)) != 0)
	{	if ((reach[is] & (8|16)) == 16)	/* on stack, not yet recorded */
		{	lpstate[is] = 1;
			reach[is] |= 8; /* recorded */
			if (state_tables && verbose)
			{	printf("state %d line %d is a loopstate\n", is, srcln[is]);
		}	}
		return;
	}
	reach[is] |= (4|16);	/* visited | onstack */
	for (z = trans[n][is]; z; z = z->nxt)
	{	t_id_lkup[z->t_id] = z;
#ifdef HAS_UNLESS
		int i, j;
#endif
		dfs_table(n, m, z->st, srcln, reach, lpstate);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			dfs_table(n, m, j, srcln, reach, lpstate);
		}
#endif
	}
	reach[is] &= ~16; /* no longer on stack */
}
void
do_dfs(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	int i;
	dfs_table(n, m, is, srcln, reach, lpstate);
	for (i = 0; i < m; i++)
		reach[i] &= ~(4|8|16);
}
void
crack(int n, int j, Trans *z, short srcln[])
{	int i;

	if (!z) return;
	printf("	state %3d -(tr %3d)-> state %3d  ",
		j, z->forw, z->st);
	printf("[id %3d tp %3d", z->t_id, z->tpe[0]);
	if (z->tpe[1]) printf(",%d", z->tpe[1]);
#ifdef HAS_UNLESS
	if (z->e_trans)
		printf(" org %3d", z->e_trans);
	else if (state_tables >= 2)
	for (i = 0; i < HAS_UNLESS; i++)
	{	if (!z->escp[i]) break;
		printf(" esc %d", z->escp[i]);
	}
#endif
	printf("]");
	printf(" [%s%s%s%s%s] %s:%d => ",
		z->atom&6?"A":z->atom&32?"D":"-",
		accpstate[n][j]?"a" :"-",
		stopstate[n][j]?"e" : "-",
		progstate[n][j]?"p" : "-",
		z->atom & 8 ?"L":"G",
		PanSource, srcln[j]);
	for (i = 0; z->tp[i]; i++)
		if (z->tp[i] == '\n')
			printf("\\n");
		else
			putchar(z->tp[i]);
	if (verbose && z->qu[0])
	{	printf("\t[");
		for (i = 0; i < 6; i++)
			if (z->qu[i])
				printf("(%d,%d)",
				z->qu[i], z->ty[i]);
		printf("]");
	}
	printf("\n");
	fflush(stdout);
}
/* spin -a m.pml; cc -o pan pan.c; ./pan -D | dot -Tps > foo.ps; ps2pdf foo.ps */
void
dot_crack(int n, int j, Trans *z)
{	int i;

	if (!z) return;
	printf("	S%d -> S%d  [color=black", j, z->st);

	if (z->atom&6) printf(",style=dashed");
	else if (z->atom&32) printf(",style=dotted");
	else if (z->atom&8) printf(",style=solid");
	else printf(",style=bold");

	printf(",label=\"");
	for (i = 0; z->tp[i]; i++)
	{	if (z->tp[i] == '\\'
		&&  z->tp[i+1] == 'n')
		{	i++; printf(" ");
		} else
		{	putchar(z->tp[i]);
	}	}
	printf("\"];\n");
	if (accpstate[n][j]) printf("  S%d [color=red,style=bold];\n", j);
	else if (progstate[n][j]) printf("  S%d [color=green,style=bold];\n", j);
	if (stopstate[n][j]) printf("  S%d [color=blue,style=bold,shape=box];\n", j);
}

#ifdef VAR_RANGES
#define BYTESIZE	32	/* 2^8 : 2^3 = 256:8 = 32 */

typedef struct Vr_Ptr {
	char	*nm;
	uchar	vals[BYTESIZE];
	struct Vr_Ptr *nxt;
} Vr_Ptr;
Vr_Ptr *ranges = (Vr_Ptr *) 0;

void
logval(char *s, int v)
{	Vr_Ptr *tmp;

	if (v<0 || v > 255) return;
	for (tmp = ranges; tmp; tmp = tmp->nxt)
		if (!strcmp(tmp->nm, s))
			goto found;
	tmp = (Vr_Ptr *) emalloc(sizeof(Vr_Ptr));
	tmp->nxt = ranges;
	ranges = tmp;
	tmp->nm = s;
found:
	tmp->vals[(v)/8] |= 1<<((v)%8);
}

void
dumpval(uchar X[], int range)
{	int w, x, i, j = -1;

	for (w = i = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
from:		if ((X[w] & (1<<x)))
		{	printf("%d", i);
			j = i;
			goto upto;
	}	}
	return;
	for (w = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
upto:		if (!(X[w] & (1<<x)))
		{	if (i-1 == j)
				printf(", ");
			else
				printf("-%d, ", i-1);
			goto from;
	}	}
	if (j >= 0 && j != 255)
		printf("-255");
}

void
dumpranges(void)
{	Vr_Ptr *tmp;
	printf("\nValues assigned within ");
	printf("interval [0..255]:\n");
	for (tmp = ranges; tmp; tmp = tmp->nxt)
	{	printf("\t%s\t: ", tmp->nm);
		dumpval(tmp->vals, BYTESIZE);
		printf("\n");
	}
}
#endif
