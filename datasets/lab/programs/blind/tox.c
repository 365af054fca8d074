/* `tox ROLE HOST PORT SECONDS KEYFILE`: two nodes of the Tox network by its library. The server writes its
 * key to KEYFILE; the client starts from it, and both look about for the time given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tox/tox.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int serving = !strcmp(argv[1], "server"), port = atoi(argv[3]);
    uint8_t key[TOX_PUBLIC_KEY_SIZE];
    struct Tox_Options *options = tox_options_new(NULL);
    tox_options_set_start_port(options, serving ? port : 33500);
    tox_options_set_end_port(options, serving ? port : 33600);
    tox_options_set_local_discovery_enabled(options, false);
    tox_options_set_ipv6_enabled(options, false);
    Tox *tox = tox_new(options, NULL);
    if (serving) {
        tox_self_get_dht_id(tox, key);
        FILE *file = fopen(argv[5], "wb");
        fwrite(key, 1, sizeof key, file);
        fclose(file);
    } else {
        FILE *file = fopen(argv[5], "rb");
        fread(key, 1, sizeof key, file);
        tox_bootstrap(tox, argv[2], port, key, NULL);
    }
    for (double left = atof(argv[4]); left > 0; left -= 0.05) {
        tox_iterate(tox, NULL);
        usleep(50000);
    }
    tox_kill(tox);
}
