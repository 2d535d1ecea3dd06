/* Processes for the recorder to look at, each kind by its name: see main(). All of them end
 * with whoever started this. Each writes "ready" to standard output once it is as it will be.
 * cc -O2 -static -pthread */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void rest(void)
{
	for (;;)
		pause();
}

static void doze(long ns)
{
	struct timespec time = { ns / 1000000000, ns % 1000000000 };
	nanosleep(&time, NULL);
}

static char *touched(long pages)
{
	char *memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		die("mmap");
	madvise(memory, pages * 4096, MADV_NOHUGEPAGE);
	for (long page = 0; page < pages; page++)
		memory[page * 4096] = 1;
	return memory;
}

static void spin(long ns)
{
	struct timespec begin, now;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec < ns);
}

static pid_t begin(const char *name, long pages)
{
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		if (pages > 0)
			touched(pages);
	}
	return pid;
}

/* After `ms`, so many processes that sleep, named NAME-1 ..., each of that many pages more. */
static void sleepers(const char *name, long count, long pages, long ms)
{
	char called[32];
	int done[2];
	if (pipe(done) < 0)
		die("pipe");
	if (ms > 0)
		ready();
	doze(ms * 1000000);
	for (long index = 1; index <= count; index++) {
		snprintf(called, sizeof called, "%s-%ld", name, index);
		if (begin(called, pages) == 0) {
			if (write(done[1], "", 1) != 1)
				_exit(1);
			close(done[0]);
			close(done[1]);
			rest();
		}
	}
	char byte;
	for (long index = 0; index < count; index++)
		if (read(done[0], &byte, 1) != 1)
			die("read");
	if (ms == 0)
		ready();
	rest();
}

/* A population that stays as large as it is: `steady` processes, a tenth of which work, take
 * memory and give it back; and `births` a second, each of which lives for `life` seconds. */
static void churn(long steady, long births, long life)
{
	char called[32];
	unsigned random = 1;
	long born = 0, most = births * life;
	pid_t *alive = calloc(most, sizeof *alive);
	for (long index = 0; index < steady; index++) {
		snprintf(called, sizeof called, "steady-%ld", index);
		if (begin(called, 16 + index % 64) == 0) {
			if (index % 10)
				rest();
			for (random = index;;) {
				doze(100000000);
				spin(200000);
				random = random * 1664525 + 1013904223;
				if ((random >> 16 & 0xff) < 26)
					munmap(touched(64), 64 * 4096);
			}
		}
	}
	ready();
	for (;; born++) {
		long place = born % most;
		if (alive[place]) {
			kill(alive[place], SIGKILL);
			waitpid(alive[place], NULL, 0);
		}
		snprintf(called, sizeof called, "born-%ld", born % 100);
		random = random * 1664525 + 1013904223;
		alive[place] = begin(called, random >> 24);
		if (alive[place] == 0)
			rest();
		doze(1000000000 / births);
	}
}

/* So many children a second, which end at once, for so many seconds; then how many they were.
 * vfork: it is made as fast as the kernel can. */
static void forks(long rate, long seconds)
{
	struct timespec begin, now;
	volatile long born = 0;
	ready();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (born < rate * seconds) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		long due = ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000) * rate / 1000;
		for (; born < due && born < rate * seconds; born++) {
			pid_t pid = vfork();
			if (pid == 0)
				_exit(born % 4 == 3);
			if (pid < 0)
				die("vfork");
			waitpid(pid, NULL, 0);
		}
		doze(1000000);
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("forked %ld in %.1f s\n", born, now.tv_sec - begin.tv_sec + (now.tv_nsec - begin.tv_nsec) / 1e9);
}

/* So many mappings of a page, every second one touched. */
static void mappings(long count)
{
	char *memory = mmap(NULL, count * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		die("mmap");
	for (long page = 0; page < count; page += 2) {
		if (mprotect(memory + page * 4096, 4096, PROT_READ | PROT_WRITE) < 0)
			die("mprotect");
		memory[page * 4096] = 1;
	}
	prctl(PR_SET_NAME, "mappings");
	ready();
	rest();
}

static void *works(void *argument)
{
	(void)argument;
	for (;;) {
		doze(200000000);
		spin(100000);
	}
	return NULL;
}

static void *waits(void *argument)
{
	(void)argument;
	rest();
	return NULL;
}

/* So many threads beside the first, a tenth of which work; with `headless` the first ends. */
static void threads(long count, int headless)
{
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	prctl(PR_SET_NAME, "threads");
	for (long index = 0; index < count; index++) {
		pthread_t thread;
		if (pthread_create(&thread, &small, index % 10 ? waits : works, NULL))
			die("pthread_create");
	}
	ready();
	if (headless)
		pthread_exit(NULL);
	rest();
}

/* A process of every byte, 1 to 255, in its name (twice) and its argument. */
static void names(const char *self)
{
	int done[2];
	if (pipe(done) < 0)
		die("pipe");
	for (int byte = 1; byte < 256; byte++) {
		pid_t pid = fork();
		if (pid == 0) {
			char said[8] = { 'a', byte, 'b', byte, 0 }, fd[8];
			snprintf(fd, sizeof fd, "%d", done[1]);
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(done[0]);
			execl(self, said, "named", said, fd, NULL);
			_exit(1);
		}
	}
	char byte;
	for (int count = 1; count < 256; count++)
		if (read(done[0], &byte, 1) != 1)
			die("read");
	ready();
	rest();
}

static void named(const char *name, int fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	if (write(fd, "", 1) != 1)
		_exit(1);
	close(fd);
	rest();
}

/* Executes itself anew each `ms`, as NAME-N, until N is `last`; and has called itself
 * something else half-way. */
static void changes(const char *self, long number, long last, long ms)
{
	char called[32], next[32], end[32], time[32];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (number == 0)
		ready();
	snprintf(called, sizeof called, "exec-%ld", number);
	prctl(PR_SET_NAME, called);
	doze(ms * 500000);
	snprintf(called, sizeof called, "comm-%ld", number);
	prctl(PR_SET_NAME, called);
	doze(ms * 500000);
	if (number == last)
		rest();
	snprintf(next, sizeof next, "%ld", number + 1);
	snprintf(end, sizeof end, "%ld", last);
	snprintf(time, sizeof time, "%ld", ms);
	execl(self, self, "changes", next, end, time, NULL);
	die("execl");
}

/* `count` processes of `pages` pages, each of which has a child in its memory, which lasts for `ms`;
 * then there is another. */
static void vforks(long count, long pages, long ms)
{
	for (long index = 1; index < count; index++)
		if (begin("vforks", 0) == 0)
			break;
	prctl(PR_SET_NAME, "vforks");
	touched(pages);
	ready();
	for (;;) {
		pid_t pid = vfork();
		if (pid == 0) {
			struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			nanosleep(&time, NULL);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

/* Has each pid of its namespace again and again: a child at a time, until they have wrapped so
 * many times; every child sleeps a while. */
static void wraps(long times, long ms)
{
	pid_t before = 0;
	ready();
	for (long wrapped = 0; wrapped < times;) {
		pid_t pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			prctl(PR_SET_NAME, "wraps");
			doze(ms * 1000000);
			_exit(0);
		}
		if (pid < 0)
			die("fork");
		wrapped += pid < before;
		before = pid;
		waitpid(pid, NULL, 0);
	}
	puts("wrapped");
	fflush(stdout);
	rest();
}

int main(int count, char **given)
{
	long number[4] = { 0 };
	const char *what = count > 1 ? given[1] : "";
	for (int index = 2; index < count && index < 6; index++)
		number[index - 2] = atol(given[index]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!strcmp(what, "sleepers"))
		sleepers(given[2], number[1], number[2], number[3]);
	else if (!strcmp(what, "churn"))
		churn(number[0], number[1], number[2]);
	else if (!strcmp(what, "forks"))
		forks(number[0], number[1]);
	else if (!strcmp(what, "mappings"))
		mappings(number[0]);
	else if (!strcmp(what, "threads"))
		threads(number[0], number[1]);
	else if (!strcmp(what, "names"))
		names(given[0]);
	else if (!strcmp(what, "named"))
		named(given[2], number[1]);
	else if (!strcmp(what, "changes"))
		changes(given[0], number[0], number[1], number[2]);
	else if (!strcmp(what, "vforks"))
		vforks(number[0], number[1], number[2]);
	else if (!strcmp(what, "wraps"))
		wraps(number[0], number[1]);
	else {
		fprintf(stderr, "usage: crowd sleepers NAME COUNT PAGES [MS] | churn STEADY BIRTHS LIFE | forks RATE SECONDS | mappings COUNT | "
			"threads COUNT [HEADLESS] | names | changes 0 LAST MS | vforks COUNT PAGES MS | wraps TIMES MS\n");
		return 2;
	}
	return 0;
}
