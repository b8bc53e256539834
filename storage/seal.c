#include "seal.h"

#include "keyring.h"
#include "txn.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

/* A sealed value: version, length of the subject's id, the id, a nonce, and the
   value's msgpack encrypted with its tag. The tag also covers the id, the kind
   and the field, so that sealed bytes cannot be moved to another place. */
#define VERSION 1u
#define HEAD_SIZE 2u
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == KEYRING_KEY_SIZE,
               "person keys are XChaCha20-Poly1305 keys");

bool seal_is_sealed(const field_t *field, const value_t *value)
{
    if (value->form != VALUE_BYTES)
        return false;
    /* The one type whose clear form is bytes too is shorter than any seal. */
    return field->type != TYPE_KEY || value->size > HEAD_SIZE + NONCE_SIZE + TAG_SIZE;
}

static bool personal_number(const value_t *value)
{
    if (value->form == VALUE_TEXT)
        return number_is_personal(value->text);
    if (value->form == VALUE_LIST)
        for (uint32_t i = 0; i < value->count; i++)
            if (personal_number(&value->items[i]))
                return true;
    return false;
}

bool seal_is_personal(const field_t *field, const value_t *value)
{
    return field->class == CLASS_PERSONAL || seal_is_sealed(field, value) ||
           (field->type == TYPE_NUMBER && personal_number(value));
}

/* Whose data the record holds. */
static bool subject_of(const record_t *record, record_id_t *subject)
{
    if (strcmp(record->id.kind->subject, "self") == 0) {
        *subject = record->id;
        return true;
    }
    const char *text = record_get_text(record, record->id.kind->subject);
    return text && record_id_parse(subject, text, NULL);
}

/* What the tag covers besides the value. */
static const char *place(const char *subject, const record_t *record, const field_t *field,
                         arena_t *arena)
{
    return arena_format(arena, "%s %s.%s", subject, record->id.kind->name, field->name);
}

static value_t seal_value(const char *subject, const unsigned char key[KEYRING_KEY_SIZE],
                          const record_t *record, const field_t *field, const value_t *value,
                          arena_t *arena)
{
    void *clear;
    size_t clear_size;
    wire_encode(value, arena, &clear, &clear_size);
    size_t subject_size = strlen(subject);
    size_t head_size = HEAD_SIZE + subject_size;
    size_t size = head_size + NONCE_SIZE + clear_size + TAG_SIZE;
    unsigned char *sealed = arena_alloc(arena, size);
    sealed[0] = VERSION;
    sealed[1] = (unsigned char)subject_size;
    memcpy(sealed + HEAD_SIZE, subject, subject_size);
    unsigned char *nonce = sealed + head_size;
    randombytes_buf(nonce, NONCE_SIZE);
    const char *covered = place(subject, record, field, arena);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_SIZE, NULL, clear, clear_size,
                                               (const unsigned char *)covered, strlen(covered),
                                               NULL, nonce, key);
    return value_bytes(sealed, size);
}

static bool must_seal(const field_t *field, const value_t *value)
{
    return value->form != VALUE_ABSENT && !seal_is_sealed(field, value) &&
           ((field->attributes & FIELD_SEALED) || seal_is_personal(field, value));
}

field_mask_t seal_mask(const record_t *record)
{
    const kind_t *kind = record->id.kind;
    field_mask_t mask = kind->personal | kind->sealed;
    for (size_t i = 0; i < kind->n_fields; i++)
        if (seal_is_personal(&kind->fields[i], &record->fields[i]))
            mask |= (field_mask_t)1 << i;
    return mask;
}

record_t *seal_record(store_txn_t *txn, const record_t *record, arena_t *arena)
{
    if (store_failed(txn))
        return NULL;
    record_t *sealed = record_copy(arena, record);
    const kind_t *kind = record->id.kind;
    record_id_t subject;
    unsigned char key[KEYRING_KEY_SIZE];
    bool have_key = false;
    for (size_t i = 0; i < kind->n_fields; i++) {
        const field_t *field = &kind->fields[i];
        if (!must_seal(field, &record->fields[i]))
            continue;
        if (!have_key) {
            int status = subject_of(record, &subject)
                             ? keyring_need(store_of(txn)->keyring, &subject, key)
                             : EINVAL;
            if (status) {
                store_fail(txn, status);
                return NULL;
            }
            have_key = true;
        }
        sealed->fields[i] = seal_value(subject.text, key, record, field, &record->fields[i], arena);
    }
    sodium_memzero(key, sizeof key);
    return sealed;
}

bool seal_subject(const value_t *sealed, record_id_t *subject)
{
    char text[RECORD_ID_MAX] = "";
    if (sealed->size < HEAD_SIZE || sealed->bytes[0] != VERSION)
        return false;
    size_t size = sealed->bytes[1];
    if (size >= sizeof text || sealed->size < HEAD_SIZE + size + NONCE_SIZE + TAG_SIZE)
        return false;
    memcpy(text, sealed->bytes + HEAD_SIZE, size);
    return record_id_parse(subject, text, NULL);
}

/* False when the bytes are no seal or the key is gone: to the reader the same. */
static bool open_value(keyring_t *keyring, const record_t *record, const field_t *field,
                       value_t *value, arena_t *arena)
{
    record_id_t subject;
    unsigned char key[KEYRING_KEY_SIZE];
    if (!seal_subject(value, &subject) || !keyring_find(keyring, &subject, key))
        return false;
    size_t head_size = HEAD_SIZE + value->bytes[1];
    const unsigned char *nonce = value->bytes + head_size;
    size_t size = value->size - head_size - NONCE_SIZE;
    unsigned char *clear = arena_alloc(arena, size);
    unsigned long long clear_size;
    const char *covered = place(subject.text, record, field, arena);
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        clear, &clear_size, NULL, nonce + NONCE_SIZE, size, (const unsigned char *)covered,
        strlen(covered), nonce, key);
    sodium_memzero(key, sizeof key);
    error_t error = {0};
    /* One that does not open was sealed under a key since forgotten. */
    return !failed &&
           wire_decode(clear, (size_t)clear_size, &wire_limits_stored, arena, value, &error);
}

void seal_open(store_txn_t *txn, record_t *record, field_mask_t mask, arena_t *arena)
{
    keyring_t *keyring = store_of(txn)->keyring;
    const kind_t *kind = record->id.kind;
    for (size_t i = 0; i < kind->n_fields; i++) {
        if (!(mask >> i & 1) || !seal_is_sealed(&kind->fields[i], &record->fields[i]))
            continue;
        if (!open_value(keyring, record, &kind->fields[i], &record->fields[i], arena))
            record->fields[i] = value_absent;
    }
}

int seal_forget(store_t *store, const record_id_t *subject)
{
    return keyring_forget(store->keyring, subject);
}
