#include "samverk.h"

#include <assert.h>
#include <string.h>
#include <zmq.h>

void samverk_key_pair(unsigned char public_key[SAMVERK_KEY_SIZE],
                      unsigned char secret_key[SAMVERK_KEY_SIZE])
{
    char public_text[41], secret_text[41];
    int status = zmq_curve_keypair(public_text, secret_text);
    assert(status == 0); /* fails only when libzmq was built without CURVE */
    (void)status;
    zmq_z85_decode(public_key, public_text);
    zmq_z85_decode(secret_key, secret_text);
    explicit_bzero(secret_text, sizeof secret_text);
}

void samverk_key_public(unsigned char public_key[SAMVERK_KEY_SIZE],
                        const unsigned char secret_key[SAMVERK_KEY_SIZE])
{
    char public_text[41], secret_text[41];
    zmq_z85_encode(secret_text, secret_key, SAMVERK_KEY_SIZE);
    int status = zmq_curve_public(public_text, secret_text);
    assert(status == 0);
    (void)status;
    zmq_z85_decode(public_key, public_text);
    explicit_bzero(secret_text, sizeof secret_text);
}
