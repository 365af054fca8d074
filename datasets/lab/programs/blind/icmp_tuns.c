/* `icmp_tuns DIALECT ROLE PEER ADDRESS/24 SECONDS`: IP in ICMP echo, after public descriptions.
 *
 * DIALECT  hans      magic of four letters, type octet, challenge login, ten polls in flight,
 *                    the identifier and sequence of a poll used for its answer
 *          magic     "TUNL", type octet, punch-through requests every second, keep-alives
 *          bare      whole IP packets as echo data; requests one way, replies the other
 *          padded    16-bit length, XORed IP packet, padded to blocks of 64
 * ROLE is server or client; the interface is `icmt`.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HANS, MAGIC, BARE, PADDED };
static int dialect, server, raw, tun;
static struct sockaddr_in peer;
static uint16_t ident, sequence;
static uint16_t held[64][2];
static int holding;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static uint16_t sum(const uint8_t *data, int size) {
    uint32_t total = 0;
    for (int i = 0; i < size; i++) total += i & 1 ? data[i] : data[i] << 8;
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    return htons(~total);
}

/* Send one echo message; the server's use a held poll's identifier and sequence if it has one. */
static void echo(int kind, const uint8_t *body, int size) {
    uint8_t out[2048] = {server ? 0 : 8};
    uint8_t *data = out + 8;
    int length = 0;
    uint16_t id = ident, seq = sequence;
    if (server && (dialect == HANS || dialect == MAGIC)) {
        if (!holding) return;
        id = held[0][0], seq = held[0][1];
        memmove(held, held + 1, sizeof held[0] * --holding);
    } else if (dialect != BARE) {
        sequence++;
    }
    if (dialect == HANS) memcpy(data, server ? "hanS" : "hanC", 4), data[4] = kind, length = 5;
    if (dialect == MAGIC) memcpy(data, "TUNL", 4), data[4] = kind, length = 5;
    if (dialect == PADDED) data[0] = size >> 8, data[1] = size, length = 2;
    for (int i = 0; i < size; i++)
        data[length + i] = dialect == PADDED ? body[i] ^ (uint8_t)(0x5b + 29 * i) : body[i];
    length += size;
    if (dialect == PADDED) while (length % 64) data[length++] = rand();
    uint16_t net[2] = {htons(id), htons(seq)};
    memcpy(out + 4, net, 4);
    uint16_t check = sum(out, 8 + length);
    memcpy(out + 2, &check, 2);
    sendto(raw, out, 8 + length, 0, (void *)&peer, sizeof peer);
}

static void receive(void) {
    uint8_t in[4096];
    int size = recv(raw, in, sizeof in, 0);
    int head = (in[0] & 15) * 4;
    uint8_t *icmp = in + head, *data = icmp + 8;
    size -= head + 8;
    if (size < 0 || icmp[0] != (server ? 8 : 0) || memcmp(in + 12, &peer.sin_addr, 4)) return;
    uint16_t net[2];
    memcpy(net, icmp + 4, 4);
    if (server) {
        ident = ntohs(net[0]);
        if (dialect == PADDED || dialect == BARE) sequence = ntohs(net[1]);
        if (holding < 64) held[holding][0] = ntohs(net[0]), held[holding++][1] = ntohs(net[1]);
    }
    if (dialect == BARE) { if (size > 19) write(tun, data, size); return; }
    if (dialect == PADDED) {
        int length = data[0] << 8 | data[1];
        for (int i = 0; i < length; i++) data[2 + i] ^= (uint8_t)(0x5b + 29 * i);
        if (length > 19 && length <= size - 2) write(tun, data + 2, length);
        return;
    }
    if (size < 5) return;
    int kind = data[4];
    if (dialect == HANS && server && kind == 1) { uint8_t c[20]; for (int i = 0; i < 20; i++) c[i] = rand(); echo(4, c, 20); }
    else if (dialect == HANS && !server && kind == 4) { uint8_t c[20]; for (int i = 0; i < 20; i++) c[i] = rand(); echo(5, c, 20); }
    else if (dialect == HANS && server && kind == 5) echo(6, (uint8_t *)"\0\0\0\0", 4);
    else if (dialect == MAGIC && server && kind == 0) echo(1, 0, 0);
    else if (dialect == MAGIC && server && kind == 5) echo(5, 0, 0);
    else if (size > 24) {
        write(tun, data + 5, size - 5);
        if (dialect == HANS && !server) echo(8, 0, 0);
    }
}

int main(int argc, char **argv) {
    const char *names[] = {"hans", "magic", "bare", "padded"};
    for (int i = 0; i < 4; i++) if (!strcmp(argv[1], names[i])) dialect = i;
    server = !strcmp(argv[2], "server");
    peer.sin_family = AF_INET;
    inet_pton(AF_INET, argv[3], &peer.sin_addr);
    srand(getpid() + time(0));
    ident = dialect == BARE ? 0 : rand();
    raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    tun = open("/dev/net/tun", O_RDWR);
    struct ifreq request = {.ifr_name = "icmt", .ifr_flags = IFF_TUN | IFF_NO_PI};
    ioctl(tun, TUNSETIFF, &request);
    char line[200];
    snprintf(line, sizeof line, "ip addr add %s dev icmt; ip link set icmt mtu 1300 up; sysctl -qw net.ipv6.conf.icmt.disable_ipv6=1", argv[4]);
    system(line);
    double end = now() + atof(argv[5]), tick = 0;
    if (!server && dialect == HANS) echo(1, (uint8_t *)"\0\0\0\0", 4);
    if (!server && dialect == MAGIC) echo(0, 0, 0);
    int started = 0;
    while (now() < end) {
        struct pollfd fds[] = {{raw, POLLIN}, {tun, POLLIN}};
        poll(fds, 2, 200);
        if (fds[0].revents) receive();
        if (fds[1].revents) {
            uint8_t packet[2000];
            int size = read(tun, packet, sizeof packet);
            if (size > 0) echo(dialect == HANS ? 7 : 3, packet, size);
        }
        if (server || now() < tick) continue;
        if (dialect == HANS) { for (int i = 0; i < (started ? 2 : 10); i++) echo(8, 0, 0); tick = now() + 5; }
        if (dialect == MAGIC) { for (int i = 0; i < (started ? 1 : 10); i++) echo(4, 0, 0); if (started % 5 == 4) echo(5, 0, 0); tick = now() + 1; }
        started++;
    }
}
