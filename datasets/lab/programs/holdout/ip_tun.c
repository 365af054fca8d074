/* ip_tun PROTO PEER KEY-OCTET OFFSET: a TUN interface (holdtun) carried in IP protocol PROTO.
 *
 * Each inner packet is sent behind OFFSET octets of counter, XORed with KEY-OCTET (0: in clear).
 * The interface's addresses are set by the caller.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 5)
        return fprintf(stderr, "usage: ip_tun PROTO PEER KEY OFFSET\n"), 2;
    struct ifreq want = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    strcpy(want.ifr_name, "holdtun");
    int tun = open("/dev/net/tun", O_RDWR);
    if (ioctl(tun, TUNSETIFF, &want))
        return perror("tun"), 1;
    int raw = socket(AF_INET, SOCK_RAW, atoi(argv[1]));
    struct sockaddr_in peer = {.sin_family = AF_INET}, from;
    inet_pton(AF_INET, argv[2], &peer.sin_addr);
    uint8_t key = (uint8_t)atoi(argv[3]), buf[4096];
    size_t skip = (size_t)atoi(argv[4]);
    uint32_t count = 0;
    struct pollfd watch[2] = {{tun, POLLIN, 0}, {raw, POLLIN, 0}};
    while (poll(watch, 2, -1) > 0) {
        if (watch[0].revents) {
            ssize_t got = read(tun, buf + skip, 2000);
            if (got <= 0)
                return 1;
            memset(buf, 0, skip);
            if (skip >= 4) {
                uint32_t number = htonl(++count);
                memcpy(buf + skip - 4, &number, 4);
            }
            for (ssize_t i = 0; i < got; i++)
                buf[skip + (size_t)i] ^= key;
            sendto(raw, buf, skip + (size_t)got, 0, (void *)&peer, sizeof peer);
        }
        if (watch[1].revents) {
            socklen_t size = sizeof from;
            ssize_t got = recvfrom(raw, buf, sizeof buf, 0, (void *)&from, &size);
            size_t start = (size_t)(buf[0] & 15) * 4 + skip;
            if (from.sin_addr.s_addr != peer.sin_addr.s_addr || got <= (ssize_t)start)
                continue;
            for (ssize_t i = (ssize_t)start; i < got; i++)
                buf[i] ^= key;
            if (write(tun, buf + start, (size_t)got - start) < 0)
                perror("write");
        }
    }
    return 0;
}
