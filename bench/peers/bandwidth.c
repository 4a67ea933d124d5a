/*
 * How fast memory can be read: 512 MB, summed up by the given number of threads, in GB/s.
 *
 * It stands for the limit of the machine, so it is the best of all that is tried: pages of 2 MB where the system gives them
 * (with 4 KB pages looking up addresses takes nearly half of the time), and one stream for each thread or four, whichever
 * the prefetcher likes better. A limit that is measured too low would make every share of it look good.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { ROUNDS = 6, MOST_THREADS = 64, STEP = 8 };
static const size_t size = (size_t)512 << 20;
static const size_t page = (size_t)2 << 20;
static uint64_t *buffer;
static int threads;
static size_t streams;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/* Goes through its part of the buffer in `streams` places at once, a cache line at each in turn. */
static void *sum(void *index) {
  size_t count = size / 8 / threads / streams / STEP * STEP;
  const uint64_t *from = buffer + (size_t)(intptr_t)index * count * streams;
  uint64_t totals[STEP] = {0};
  for (size_t i = 0; i < count; i += STEP)
    for (size_t stream = 0; stream < streams; stream++)
      for (size_t k = 0; k < STEP; k++) totals[k] += from[stream * count + i + k];
  uint64_t total = 0;
  for (size_t k = 0; k < STEP; k++) total += totals[k];
  return (void *)(uintptr_t)total;
}

/* Bytes a second; adds to `check` so that the compiler must not drop the sums. */
static double rate(uint64_t *check) {
  pthread_t ids[MOST_THREADS];
  double start = now();
  for (int i = 0; i < threads; i++) pthread_create(&ids[i], 0, sum, (void *)(intptr_t)i);
  for (int i = 0; i < threads; i++) {
    void *result;
    pthread_join(ids[i], &result);
    *check += (uintptr_t)result;
  }
  size_t read = size / 8 / threads / streams / STEP * STEP * streams * threads * 8;
  return read / (now() - start);
}

int main(int argc, char **argv) {
  threads = argc < 2 ? 2 : atoi(argv[1]);
  if (threads < 1 || MOST_THREADS < threads) return 2;
  buffer = aligned_alloc(page, size);
  if (buffer == 0) return 1;
#ifdef MADV_HUGEPAGE
  madvise(buffer, size, MADV_HUGEPAGE);
#endif
  memset(buffer, 1, size);
  double best = 0;
  uint64_t check = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (streams = 1; streams <= 4; streams += 3) {
      double found = rate(&check);
      if (best < found) best = found;
    }
  }
  printf("%.3f %d\n", best / 1e9, (int)(check & 1));
  return 0;
}
