/* `disguise MODE ROLE PEER PORT LOCAL SECONDS`: datagrams of one local UDP program to another, carried
 * enciphered and with a session, after the public description of udp2raw and its like.
 *
 * MODE  faketcp  a TCP handshake made by hand, then segments that nobody retransmits
 *       icmp     echo requests and replies
 *       udp      datagrams with a random head
 *       bare     protocol 253
 * ROLE client: takes datagrams on 127.0.0.1:LOCAL; server: gives them to 127.0.0.1:LOCAL.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FAKETCP, ICMP, UDP, BARE };
static int mode, server, wire, local, port, ready, sport;
static struct sockaddr_in peer, inner;
static uint32_t mine, seq, ack, session;
static uint16_t ident, number;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static uint16_t sum(const uint8_t *data, int size, uint32_t total) {
    for (int i = 0; i < size; i++) total += i & 1 ? data[i] : data[i] << 8;
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    return htons(~total);
}

static void cipher(uint8_t *data, int size, uint32_t key) {
    uint32_t s = key * 2654435761u ^ 0x9e3779b9;
    for (int i = 0; i < size; i++) { s ^= s << 13; s ^= s >> 17; s ^= s << 5; data[i] ^= s >> 11; }
}

static void segment(int flags, const uint8_t *body, int size) {
    uint8_t out[2048] = {0};
    int options = flags == 2 || flags == 18 ? 20 : 12, head = 20 + options;
    uint16_t ports[2] = {htons(server ? port : sport), htons(server ? sport : port)};
    uint32_t numbers[2] = {htonl(seq), htonl(flags & 16 ? ack : 0)};
    uint32_t stamp = htonl((uint32_t)(now() * 1000));
    memcpy(out, ports, 4); memcpy(out + 4, numbers, 8);
    out[12] = head << 2; out[13] = flags; out[14] = 0xa0; out[15] = rand();
    uint8_t *o = out + 20;
    if (options == 20) { memcpy(o, "\2\4\5\xb4\4\2\10\12", 8); memcpy(o + 8, &stamp, 4); memcpy(o + 16, "\1\3\3\7", 4); }
    else { memcpy(o, "\1\1\10\12", 4); memcpy(o + 4, &stamp, 4); }
    memcpy(out + head, body, size);
    uint32_t total = 6 + head + size;
    uint8_t pseudo[8];
    memcpy(pseudo, &mine, 4); memcpy(pseudo + 4, &peer.sin_addr, 4);
    for (int i = 0; i < 8; i += 2) total += pseudo[i] << 8 | pseudo[i + 1];
    uint16_t check = sum(out, head + size, total);
    memcpy(out + 16, &check, 2);
    sendto(wire, out, head + size, 0, (void *)&peer, sizeof peer);
    seq += size + (flags & 2 ? 1 : 0);
}

static void carry(uint8_t kind, const uint8_t *data, int size) {
    uint8_t body[2048], out[2048] = {0};
    uint32_t salt = rand();
    memcpy(body, &salt, 4); memcpy(body + 4, &session, 4);
    body[8] = kind; body[9] = size >> 8; body[10] = size;
    memcpy(body + 11, data, size);
    int length = 11 + size;
    while (length % 16) body[length++] = rand();
    cipher(body + 4, length - 4, salt);
    if (mode == FAKETCP) { segment(24, body, length); return; }
    if (mode != ICMP) { sendto(wire, body, length, 0, (void *)&peer, sizeof peer); return; }
    out[0] = server ? 0 : 8;
    uint16_t net[2] = {htons(ident), htons(server ? number : ++number)};
    memcpy(out + 4, net, 4); memcpy(out + 8, body, length);
    uint16_t check = sum(out, 8 + length, 0);
    memcpy(out + 2, &check, 2);
    sendto(wire, out, 8 + length, 0, (void *)&peer, sizeof peer);
}

static void arrived(void) {
    uint8_t in[4096], *data = in;
    struct sockaddr_in from;
    socklen_t room = sizeof from;
    int size = recvfrom(wire, in, sizeof in, 0, (void *)&from, &room);
    if (from.sin_addr.s_addr != peer.sin_addr.s_addr) return;
    if (mode == UDP && server) peer = from;
    if (mode != UDP) { int head = (in[0] & 15) * 4; data += head; size -= head; }
    if (mode == FAKETCP) {
        uint16_t ports[2];
        uint32_t theirs;
        memcpy(ports, data, 4); memcpy(&theirs, data + 4, 4);
        if (ntohs(ports[server]) != port) return;
        int flags = data[13], head = data[12] >> 4 << 2;
        size -= head;
        ack = ntohl(theirs) + size + (flags & 2 ? 1 : 0);
        if (server && flags == 2) { sport = ntohs(ports[0]); segment(18, 0, 0); return; }
        if (!server && flags == 18) { segment(16, 0, 0); ready = 1; return; }
        data += head;
    }
    if (mode == ICMP) {
        if (data[0] != (server ? 8 : 0)) return;
        if (server) ident = data[4] << 8 | data[5], number = data[6] << 8 | data[7];
        data += 8; size -= 8;
    }
    if (size < 16) return;
    uint32_t salt;
    memcpy(&salt, data, 4);
    cipher(data + 4, size - 4, salt);
    int length = data[9] << 8 | data[10];
    ready = 1;
    if (data[8] == 1 && length <= size - 11) sendto(local, data + 11, length, 0, (void *)&inner, sizeof inner);
}

int main(int argc, char **argv) {
    const char *names[] = {"faketcp", "icmp", "udp", "bare"};
    for (int i = 0; i < 4; i++) if (!strcmp(argv[1], names[i])) mode = i;
    server = !strcmp(argv[2], "server");
    port = atoi(argv[4]);
    peer = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(mode == UDP ? port : 0)};
    inet_pton(AF_INET, argv[3], &peer.sin_addr);
    srand(getpid() * 31 + time(0));
    seq = rand(); session = rand(); ident = rand(); sport = 20000 + rand() % 30000;
    wire = mode == UDP ? socket(AF_INET, SOCK_DGRAM, 0) : socket(AF_INET, SOCK_RAW, mode == FAKETCP ? 6 : mode == ICMP ? 1 : 253);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (mode == UDP && server) bind(wire, (void *)&any, sizeof any);
    int probe = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in target = peer;
    target.sin_port = htons(9);
    connect(probe, (void *)&target, sizeof target);
    struct sockaddr_in own;
    socklen_t room = sizeof own;
    getsockname(probe, (void *)&own, &room);
    mine = own.sin_addr.s_addr;
    inner = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[5])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    local = socket(AF_INET, SOCK_DGRAM, 0);
    if (!server) bind(local, (void *)&inner, sizeof inner);
    double end = now() + atof(argv[6]), tick = 0;
    while (now() < end) {
        struct pollfd fds[] = {{wire, POLLIN}, {local, POLLIN}};
        poll(fds, 2, 300);
        if (fds[0].revents) arrived();
        if (fds[1].revents) {
            uint8_t data[1800];
            room = sizeof inner;
            int size = recvfrom(local, data, sizeof data, 0, server ? 0 : (void *)&inner, server ? 0 : &room);
            if (size > 0 && (ready || mode != FAKETCP)) carry(1, data, size);
        }
        if (!server && now() > tick) {
            tick = now() + (ready ? 1.2 : 0.6);
            if (mode == FAKETCP && !ready) { segment(2, 0, 0); seq--; }
            else carry(2, 0, 0);
        }
    }
}
