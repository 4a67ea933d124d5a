/* Reads 512 MB with the given number of threads, several times, and prints the best rate in GB/s. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const size_t size = (size_t)512 << 20;
static uint64_t *buffer;
static int threads;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *sum(void *index) {
  size_t count = size / 8 / threads;
  const uint64_t *from = buffer + (size_t)(intptr_t)index * count;
  uint64_t total = 0;
  for (size_t i = 0; i < count; i++) total += from[i];
  return (void *)(uintptr_t)total;
}

int main(int argc, char **argv) {
  threads = argc < 2 ? 2 : atoi(argv[1]);
  buffer = aligned_alloc(4096, size);
  memset(buffer, 1, size);
  double best = 0;
  uint64_t check = 0;
  for (int round = 0; round < 8; round++) {
    pthread_t ids[64];
    double start = now();
    for (int i = 0; i < threads; i++) pthread_create(&ids[i], 0, sum, (void *)(intptr_t)i);
    for (int i = 0; i < threads; i++) {
      void *result;
      pthread_join(ids[i], &result);
      check += (uintptr_t)result;
    }
    double rate = size / (now() - start) / 1e9;
    if (best < rate) best = rate;
  }
  printf("%.3f %d\n", best, (int)(check & 1));
  return 0;
}
