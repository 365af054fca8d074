/* seal LISTEN|CONNECT-ADDRESS PORT KEY [PROGRAM]: a byte pipe over TCP, sealed with ChaCha20.
 *
 * Every read of the inner side becomes one record: 2 octets of length, 8 of nonce, then the sealed
 * data padded to 16 octets (the first sealed octet is the pad's length).  With PROGRAM its
 * standard streams are the inner side, else our own.  The shape is that of encrypting netcats.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROTL(v, n) (((v) << (n)) | ((v) >> (32 - (n))))
#define QR(a, b, c, d)                                                                             \
    a += b, d ^= a, d = ROTL(d, 16), c += d, b ^= c, b = ROTL(b, 12), a += b, d ^= a,              \
        d = ROTL(d, 8), c += d, b ^= c, b = ROTL(b, 7)

static uint32_t key[8];

static void chacha(uint8_t *data, size_t size, const uint8_t nonce[8])
{
    for (uint32_t block = 0; size; block++) {
        uint32_t in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}, x[16];
        memcpy(in + 4, key, 32);
        in[12] = block;
        in[13] = 0;
        memcpy(in + 14, nonce, 8);
        memcpy(x, in, 64);
        for (int round = 0; round < 10; round++) {
            QR(x[0], x[4], x[8], x[12]), QR(x[1], x[5], x[9], x[13]);
            QR(x[2], x[6], x[10], x[14]), QR(x[3], x[7], x[11], x[15]);
            QR(x[0], x[5], x[10], x[15]), QR(x[1], x[6], x[11], x[12]);
            QR(x[2], x[7], x[8], x[13]), QR(x[3], x[4], x[9], x[14]);
        }
        for (int i = 0; i < 16; i++)
            x[i] += in[i];
        size_t some = size < 64 ? size : 64;
        for (size_t i = 0; i < some; i++)
            data[i] ^= ((uint8_t *)x)[i];
        data += some;
        size -= some;
    }
}

static int all(int fd, uint8_t *to, size_t size)
{
    for (ssize_t got; size; to += got, size -= (size_t)got)
        if ((got = read(fd, to, size)) <= 0)
            return -1;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return fprintf(stderr, "usage: seal listen|ADDRESS PORT KEY [PROGRAM]\n"), 2;
    strncpy((char *)key, argv[3], sizeof key - 1);
    int listens = !strcmp(argv[1], "listen"), net = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    if (!listens)
        inet_pton(AF_INET, argv[1], &at.sin_addr);
    setsockopt(net, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (listens) {
        if (bind(net, (void *)&at, sizeof at) || listen(net, 1) || (net = accept(net, 0, 0)) < 0)
            return perror("listen"), 1;
    } else if (connect(net, (void *)&at, sizeof at))
        return perror("connect"), 1;
    int in = 0, out = 1;
    if (argc > 4) {
        int down[2], up[2];
        if (pipe(down) || pipe(up))
            return 1;
        if (!fork()) {
            dup2(down[0], 0), dup2(up[1], 1), dup2(up[1], 2);
            close(down[1]), close(up[0]), close(net);
            execl(argv[4], argv[4], (char *)0);
            _exit(1);
        }
        close(down[0]), close(up[1]);
        in = up[0], out = down[1];
    }
    int dice = open("/dev/urandom", O_RDONLY);
    struct pollfd watch[2] = {{in, POLLIN, 0}, {net, POLLIN, 0}};
    static uint8_t buf[10 + 4096 + 32];
    while (poll(watch, 2, -1) > 0) {
        if (watch[0].revents) {
            ssize_t got = read(in, buf + 11, 4096);
            if (got <= 0)
                break;
            size_t size = ((size_t)got + 1 + 15) & ~(size_t)15;
            buf[10] = (uint8_t)(size - 1 - (size_t)got);
            buf[0] = (uint8_t)(size >> 8), buf[1] = (uint8_t)size;
            if (all(dice, buf + 2, 8))
                return 1;
            chacha(buf + 10, size, buf + 2);
            if (write(net, buf, size + 10) < 0)
                break;
        }
        if (watch[1].revents) {
            if (all(net, buf, 10))
                break;
            size_t size = (size_t)buf[0] << 8 | buf[1];
            if (size > 4112 || all(net, buf + 10, size))
                break;
            chacha(buf + 10, size, buf + 2);
            if (write(out, buf + 11, size - 1 - buf[10]) < 0)
                break;
        }
    }
    return 0;
}
