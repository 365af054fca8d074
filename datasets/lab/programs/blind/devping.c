/* `devping STYLE HOST COUNT GAP_MS SIZE`: echo requests as devices and agents of monitoring send them.
 *
 * STYLE  router    0xabcd over and over, sequence from 0 in every burst of five
 *        desktop   letters a to w, identifier 1, sequence counts on
 *        zeros     zeros, a new identifier every time
 *        probe     8 octets of time, then a fixed company text
 *        uptime    a counter and zero fill, one request a burst
 *        serial    a 16-octet serial number of the device, then 0xff
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    const char *style = argv[1];
    int count = atoi(argv[3]), gap = atoi(argv[4]), size = atoi(argv[5]);
    struct sockaddr_in to = {.sin_family = AF_INET};
    inet_pton(AF_INET, argv[2], &to.sin_addr);
    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    srand(getpid());
    uint16_t id = rand(), base = rand();
    for (int i = 0; i < count; i++) {
        uint8_t p[1600] = {8}, *d = p + 8;
        uint16_t seq = base + i;
        struct timeval now;
        gettimeofday(&now, 0);
        if (!strcmp(style, "router")) { seq = i % 5; for (int k = 0; k < size; k++) d[k] = k & 1 ? 0xcd : 0xab; if (!seq) id++; }
        else if (!strcmp(style, "desktop")) { id = 1; for (int k = 0; k < size; k++) d[k] = 'a' + k % 23; }
        else if (!strcmp(style, "zeros")) id = rand();
        else if (!strcmp(style, "probe")) { memcpy(d, &now, 8); for (int k = 8; k < size; k++) d[k] = "Network Service Assurance Probe v2 "[k % 35]; }
        else if (!strcmp(style, "uptime")) { uint32_t n = htonl(90061 + i * 60); memcpy(d, &n, 4); }
        else { memcpy(d, "SN-4410-77120-AX", 16); memset(d + 16, 0xff, size > 16 ? size - 16 : 0); }
        p[4] = id >> 8; p[5] = id; p[6] = seq >> 8; p[7] = seq;
        uint32_t total = 0;
        for (int k = 0; k < 8 + size; k++) total += k & 1 ? p[k] : p[k] << 8;
        while (total >> 16) total = (total & 0xffff) + (total >> 16);
        p[2] = ~total >> 8; p[3] = ~total;
        sendto(raw, p, 8 + size, 0, (void *)&to, sizeof to);
        usleep(1000 * (!strcmp(style, "router") && i % 5 != 4 ? 60 : gap));
    }
}
