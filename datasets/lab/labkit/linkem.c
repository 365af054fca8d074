/* linkem: a link emulator in user space, for kernels without netem.
 *
 * Carries Ethernet frames between two interfaces of one network namespace with delay, normal
 * jitter, independent loss, a rate limit and, if asked, reordering.
 *
 *   linkem IF_A IF_B delay_ms jitter_ms loss_pct rate_kbit reorder seed
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <math.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#define QUEUE 8192

struct frame {
    int64_t due;      /* microseconds, monotonic */
    uint64_t serial;  /* keeps equal due times in order */
    int out, length;
    unsigned char *data;
};

static struct frame heap[QUEUE];
static int held;

static int before(const struct frame *a, const struct frame *b)
{
    return a->due < b->due || (a->due == b->due && a->serial < b->serial);
}

static void swap(int i, int j)
{
    struct frame t = heap[i];
    heap[i] = heap[j];
    heap[j] = t;
}

static void push(struct frame f)
{
    int i = held++;
    heap[i] = f;
    for (; i && before(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(i, (i - 1) / 2);
}

static struct frame pop(void)
{
    struct frame top = heap[0];
    heap[0] = heap[--held];
    for (int i = 0;;) {
        int l = 2 * i + 1, m = i;
        if (l < held && before(&heap[l], &heap[m])) m = l;
        if (l + 1 < held && before(&heap[l + 1], &heap[m])) m = l + 1;
        if (m == i) return top;
        swap(i, m);
        i = m;
    }
}

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static double normal(void)
{
    double u = drand48() + 1e-12, v = drand48();
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static int open_on(const char *name)
{
    int one = 1, size = 4 << 20, s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    a.sll_ifindex = if_nametoindex(name);
    struct packet_mreq m = {.mr_ifindex = a.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof a) < 0) {
        perror(name);
        exit(1);
    }
    setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
    setsockopt(s, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m);
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    return s;
}

int main(int argc, char **argv)
{
    if (argc < 9) {
        fprintf(stderr, "linkem IF_A IF_B delay_ms jitter_ms loss_pct rate_kbit reorder seed\n");
        return 2;
    }
    int sock[2] = {open_on(argv[1]), open_on(argv[2])};
    double delay = atof(argv[3]) * 1000, jitter = atof(argv[4]) * 1000;
    double loss = atof(argv[5]) / 100, rate = atof(argv[6]);
    int reorder = atoi(argv[7]);
    int64_t last[2] = {0, 0}, busy[2] = {0, 0};
    uint64_t serial = 0;
    static unsigned char buffer[70000];
    srand48(atol(argv[8]));
    for (;;) {
        while (held && heap[0].due <= now_us()) {
            struct frame f = pop();
            if (send(sock[f.out], f.data, f.length, 0) < 0 && errno != ENOBUFS &&
                errno != ENETDOWN && errno != EMSGSIZE)
                perror("send");
            free(f.data);
        }
        struct pollfd wait[2] = {{sock[0], POLLIN, 0}, {sock[1], POLLIN, 0}};
        struct timespec pause = {10, 0};
        if (held) {
            int64_t left = heap[0].due - now_us();
            if (left < 0) left = 0;
            pause.tv_sec = left / 1000000;
            pause.tv_nsec = left % 1000000 * 1000;
        }
        if (ppoll(wait, 2, &pause, NULL) <= 0) continue;
        for (int in = 0; in < 2; in++) {
            if (!(wait[in].revents & POLLIN)) continue;
            for (int k = 0; k < 64; k++) {
                int n = recv(sock[in], buffer, sizeof buffer, MSG_DONTWAIT), out = 1 - in;
                if (n <= 0) break;
                if (loss > 0 && drand48() < loss) continue;
                int64_t leaves = now_us();
                if (rate > 0) {
                    if (busy[out] > leaves) leaves = busy[out];
                    leaves += (int64_t)(n * 8.0 / rate * 1000.0);
                    busy[out] = leaves;
                }
                double extra = delay + (jitter > 0 ? normal() * jitter : 0);
                int64_t due = leaves + (int64_t)(extra > 0 ? extra : 0);
                if (!reorder && due < last[out]) due = last[out];
                if (!reorder) last[out] = due;
                if (held >= QUEUE) continue;
                struct frame f = {due, serial++, out, n, malloc(n)};
                memcpy(f.data, buffer, n);
                push(f);
            }
        }
    }
}
