/* The limit: one pass over a classic pcap (little-endian, Ethernet) that decodes headers and
   computes each payload's Shannon entropy. Prints packets, 0 (there are no flows) and the CPU
   seconds of each of the given number of rounds. cc -O3 -march=x86-64-v3 limit.c -lm */
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

typedef struct {
  uint64_t src[2], dst[2];
  int64_t time;
  float entropy;
  uint32_t payload;
  uint16_t sport, dport;
  uint8_t proto, ttl, flags, version;
} row_t;

static int64_t table[65536];

static uint16_t be16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static float entropy(const uint8_t *p, int n) {
  static uint32_t a[256], b[256];
  int64_t total = 0;
  int i;
  if (n <= 112) {
    for (i = 0; i < n; i++) {
      uint32_t seen = a[p[i]]++;
      total += table[seen + 1] - table[seen];
    }
    for (i = 0; i < n; i++) a[p[i]] = 0;
  } else {
    for (i = 0; i + 1 < n; i += 2) {
      a[p[i]]++;
      b[p[i + 1]]++;
    }
    if (i < n) a[p[i]]++;
    for (i = 0; i < 256; i++) total += table[a[i] + b[i]];
    memset(a, 0, sizeof a);
    memset(b, 0, sizeof b);
  }
  return (float)(log2(n) - (double)total / (4294967296.0 * n));
}

static int decode(const uint8_t *p, const uint8_t *end, row_t *row) {
  int kind, size;
  if (end - p < 14) return 0;
  kind = be16(p + 12);
  p += 14;
  while (kind == 0x8100 && end - p >= 4) {
    kind = be16(p + 2);
    p += 4;
  }
  const uint8_t *stop;
  if (kind == 0x0800 && end - p >= 20) {
    row->version = 4;
    row->ttl = p[8];
    row->proto = p[9];
    row->src[0] = row->dst[0] = 0;
    memcpy(&row->src[1], p + 12, 4);
    memcpy(&row->dst[1], p + 16, 4);
    stop = p + be16(p + 2);
    p += (p[0] & 15) * 4;
  } else if (kind == 0x86DD && end - p >= 40) {
    row->version = 6;
    row->proto = p[6];
    row->ttl = p[7];
    memcpy(row->src, p + 8, 16);
    memcpy(row->dst, p + 24, 16);
    stop = p + 40 + be16(p + 4);
    p += 40;
  } else
    return 0;
  if (stop < end) end = stop;
  size = row->proto == 6 ? 20 : 8;
  if (end - p < size) return 0;
  row->sport = be16(p);
  row->dport = be16(p + 2);
  if (row->proto == 6) {
    row->flags = p[13];
    size = (p[12] >> 4) * 4;
    if (end - p < size) return 0;
  }
  row->payload = (uint32_t)(end - p - size);
  row->entropy = row->payload ? entropy(p + size, (int)row->payload) : NAN;
  return 1;
}

int main(int argc, char **argv) {
  int rounds = argc > 2 ? atoi(argv[2]) : 3;
  int fd = open(argv[1], O_RDONLY);
  struct stat info;
  if (fd < 0 || fstat(fd, &info)) return 2;
  for (int i = 1; i < 65536; i++) table[i] = llround(i * log2(i) * 4294967296.0);
  row_t *rows = malloc(sizeof(row_t) * 65536);
  for (int round = 0; round < rounds; round++) {
    clock_t begin = clock();
    const uint8_t *p = mmap(0, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0), *all = p;
    const uint8_t *end = p + info.st_size;
    int64_t n = 0, decoded = 0;
    double check = 0;
    p += 24;
    while (end - p >= 16) {
      uint32_t head[4];
      memcpy(head, p, 16);
      if (head[2] > end - p - 16) break;
      row_t *row = rows + (n & 65535);
      row->time = (int64_t)head[0] * 1000000000 + head[1];
      if (decode(p + 16, p + 16 + head[2], row)) {
        decoded++;
        if (row->payload) check += row->entropy;
      }
      n++;
      p += 16 + head[2];
    }
    munmap((void *)all, info.st_size);
    fprintf(stderr, "%lld decoded, entropies sum to %.3f\n", (long long)decoded, check);
    printf("%lld 0 %.4f\n", (long long)n, (double)(clock() - begin) / CLOCKS_PER_SEC);
  }
  return 0;
}
