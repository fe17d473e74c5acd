/*
 * SoftHSM2 through PKCS #11, one session of one thread: the same operation again and again with a key of the session.
 * What it made last is decrypted or verified; the first goes on to be compared where it is always the same.
 *
 * usage: softhsm <library> <aes | ecdsa | rsa> <warm-up s> <measured s> <data file>
 * The token's folder comes from SOFTHSM2_CONF. Prints one line of JSON: operations, seconds, seconds of processor time.
 */
#include <dlfcn.h>
#include <openssl/sha.h>
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DATA_MAX = 64 << 10 };

static CK_FUNCTION_LIST *hsm;
static CK_SESSION_HANDLE session;
static unsigned char data[DATA_MAX], output[DATA_MAX + 64], opened[DATA_MAX + 64];
static CK_ULONG data_bytes, output_bytes;
static unsigned char vector[16];
static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

static void check(CK_RV rv, const char *what) {
  if (rv == CKR_OK) return;
  fprintf(stderr, "%s: 0x%lx\n", what, rv);
  exit(1);
}

static double clock_of(clockid_t id) {
  struct timespec time;
  clock_gettime(id, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void open_session(void) {
  unsigned char pin[] = "1234", label[32];
  CK_SLOT_ID slots[8];
  CK_ULONG count = 8;
  memset(label, ' ', sizeof label);
  check(hsm->C_Initialize(NULL), "C_Initialize");
  check(hsm->C_GetSlotList(CK_FALSE, slots, &count), "C_GetSlotList");
  check(hsm->C_InitToken(slots[0], pin, 4, label), "C_InitToken");
  /* The token has moved to a slot of its own. */
  count = 8;
  check(hsm->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
  check(hsm->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session), "C_OpenSession");
  check(hsm->C_Login(session, CKU_SO, pin, 4), "C_Login");
  check(hsm->C_InitPIN(session, pin, 4), "C_InitPIN");
  check(hsm->C_Logout(session), "C_Logout");
  check(hsm->C_Login(session, CKU_USER, pin, 4), "C_Login");
}

static CK_OBJECT_HANDLE new_aes(void) {
  CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
  CK_ULONG bytes = 32;
  CK_ATTRIBUTE attributes[] = {{CKA_TOKEN, &no, sizeof no}, {CKA_VALUE_LEN, &bytes, sizeof bytes},
                               {CKA_ENCRYPT, &yes, sizeof yes}, {CKA_DECRYPT, &yes, sizeof yes}};
  CK_OBJECT_HANDLE key;
  check(hsm->C_GenerateKey(session, &mechanism, attributes, 4, &key), "C_GenerateKey");
  return key;
}

static void new_pair(CK_MECHANISM_TYPE type, CK_ATTRIBUTE kind, CK_OBJECT_HANDLE *public, CK_OBJECT_HANDLE *private) {
  CK_MECHANISM mechanism = {type, NULL, 0};
  CK_ATTRIBUTE of_public[] = {{CKA_TOKEN, &no, sizeof no}, {CKA_VERIFY, &yes, sizeof yes}, kind};
  CK_ATTRIBUTE of_private[] = {{CKA_TOKEN, &no, sizeof no}, {CKA_SIGN, &yes, sizeof yes}};
  check(hsm->C_GenerateKeyPair(session, &mechanism, of_public, 3, of_private, 2, public, private), "C_GenerateKeyPair");
}

/* The key, the one that undoes what it does, and the mechanism. */
static CK_OBJECT_HANDLE key, other;
static CK_MECHANISM mechanism;

static void encrypt(void) {
  output_bytes = sizeof output;
  check(hsm->C_EncryptInit(session, &mechanism, key), "C_EncryptInit");
  check(hsm->C_Encrypt(session, data, data_bytes, output, &output_bytes), "C_Encrypt");
}

static void sign(void) {
  output_bytes = sizeof output;
  check(hsm->C_SignInit(session, &mechanism, key), "C_SignInit");
  check(hsm->C_Sign(session, data, data_bytes, output, &output_bytes), "C_Sign");
}

/* It has no ECDSA that hashes: whoever calls it does, with OpenSSL as it does itself. */
static void hash_and_sign(void) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(data, data_bytes, digest);
  output_bytes = sizeof output;
  check(hsm->C_SignInit(session, &mechanism, key), "C_SignInit");
  check(hsm->C_Sign(session, digest, sizeof digest, output, &output_bytes), "C_Sign");
}

static void check_last(const char *what) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  CK_ULONG bytes = sizeof opened;
  if (strcmp(what, "aes") == 0) {
    check(hsm->C_DecryptInit(session, &mechanism, other), "C_DecryptInit");
    check(hsm->C_Decrypt(session, output, output_bytes, opened, &bytes), "C_Decrypt");
    if (bytes != data_bytes || memcmp(opened, data, bytes) != 0) check(CKR_GENERAL_ERROR, "decrypted to something else");
    return;
  }
  SHA256(data, data_bytes, digest);
  check(hsm->C_VerifyInit(session, &mechanism, other), "C_VerifyInit");
  if (strcmp(what, "ecdsa") == 0) check(hsm->C_Verify(session, digest, sizeof digest, output, output_bytes), "C_Verify");
  else check(hsm->C_Verify(session, data, data_bytes, output, output_bytes), "C_Verify");
}

int main(int count, char **words) {
  if (count != 6) return fprintf(stderr, "usage: softhsm library aes|ecdsa|rsa warm-up measured file\n"), 2;
  void *library = dlopen(words[1], RTLD_NOW);
  if (library == NULL) return fprintf(stderr, "%s\n", dlerror()), 1;
  CK_C_GetFunctionList list = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
  if (list == NULL) return fprintf(stderr, "no PKCS #11\n"), 1;
  check(list(&hsm), "C_GetFunctionList");
  FILE *file = fopen(words[5], "rb");
  if (file == NULL) return perror(words[5]), 1;
  data_bytes = fread(data, 1, sizeof data, file);
  if (data_bytes == 0) return fprintf(stderr, "no data\n"), 1;
  fclose(file);
  open_session();
  void (*run)(void);
  unsigned char p256[] = {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7};
  CK_ULONG modulus_bits = 2048;
  if (strcmp(words[2], "aes") == 0) {
    key = other = new_aes();
    mechanism = (CK_MECHANISM){CKM_AES_CBC, vector, sizeof vector};
    run = encrypt;
  } else if (strcmp(words[2], "ecdsa") == 0) {
    new_pair(CKM_EC_KEY_PAIR_GEN, (CK_ATTRIBUTE){CKA_EC_PARAMS, p256, sizeof p256}, &other, &key);
    mechanism = (CK_MECHANISM){CKM_ECDSA, NULL, 0};
    run = hash_and_sign;
  } else {
    CK_ATTRIBUTE size = {CKA_MODULUS_BITS, &modulus_bits, sizeof modulus_bits};
    new_pair(CKM_RSA_PKCS_KEY_PAIR_GEN, size, &other, &key);
    mechanism = (CK_MECHANISM){CKM_SHA256_RSA_PKCS, NULL, 0};
    run = sign;
  }
  double until = clock_of(CLOCK_MONOTONIC) + atof(words[3]);
  while (clock_of(CLOCK_MONOTONIC) < until) run();
  size_t operations = 0;
  double began = clock_of(CLOCK_MONOTONIC), used = clock_of(CLOCK_PROCESS_CPUTIME_ID), at;
  do {
    run();
    operations++;
    at = clock_of(CLOCK_MONOTONIC);
  } while (at < began + atof(words[4]));
  used = clock_of(CLOCK_PROCESS_CPUTIME_ID) - used;
  check_last(words[2]);
  printf("{\"operations\":%zu,\"seconds\":%.3f,\"cpuSeconds\":%.3f}\n", operations, at - began, used);
  return 0;
}
