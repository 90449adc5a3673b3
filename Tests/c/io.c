/* Files: safetensors and CSV, good, malformed, truncated and not to be written. */
#include "check.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <dirent.h>
#include <unistd.h>

static char folder[64];

static const char *in_folder(const char *name) {
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_bytes(const char *path, const void *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    if (!CHECK(file != NULL)) return;
    CHECK(fwrite(bytes, 1, count, file) == count);
    CHECK(fclose(file) == 0);
}

static size_t read_bytes(const char *path, unsigned char *bytes, size_t capacity) {
    FILE *file = fopen(path, "rb");
    if (!CHECK(file != NULL)) return 0;
    size_t count = fread(bytes, 1, capacity, file);
    fclose(file);
    return count;
}

static int files_in_folder(void) {
    int count = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.' || (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0);
    if (directory != NULL) closedir(directory);
    return count;
}

/* A safetensors file as the format's description has it: 8 bytes of header size, the header, the data. */
static size_t compose(unsigned char *bytes, const char *header, const void *data, size_t size) {
    uint64_t length = strlen(header);
    for (int i = 0; i < 8; ++i) bytes[i] = (unsigned char)(length >> (8 * i));
    memcpy(bytes + 8, header, length);
    if (size > 0) memcpy(bytes + 8 + length, data, size);
    return 8 + length + size;
}

static void every_dtype_comes_back(void) {
    tw_scope *s = tw_scope_new();
    enum { dtypes = 13, all };
    const tw_tensor *tensors[all];
    const char *names[all];
    tw_tensor *values = MATRIX(s, 2, 3, 0, 1, 2, 3, 250, 7);
    for (int i = 0; i < dtypes; ++i) {
        tensors[i] = tw_cast(s, values, (tw_dtype)i);
        names[i] = tw_dtype_name((tw_dtype)i);
    }
    tensors[dtypes] = tw_transpose(s, values, 0, 1);
    names[dtypes] = "strided";
    const char *path = in_folder("all.safetensors");
    OK(tw_safetensors_save(path, names, tensors, all));
    tw_safetensors *file = NULL;
    OK(tw_safetensors_open(path, &file));
    int64_t count = 0;
    OK(tw_safetensors_count(file, &count));
    CHECK(count == all);
    for (int i = 0; i < all; ++i) {
        tw_tensor *t = tw_safetensors_tensor(s, file, names[i]);
        SHAPE(t, i < dtypes ? 2 : 3, i < dtypes ? 3 : 2);
        CHECK(same_bytes(t, tensors[i]));
    }
    bool seen[all] = {false};
    for (int64_t i = 0; i < all; ++i) {
        char name[16];
        size_t needed = 0;
        OK(tw_safetensors_name(file, i, name, sizeof name, &needed));
        CHECK(needed == strlen(name) + 1);
        for (int j = 0; j < all; ++j) seen[j] = seen[j] || strcmp(name, names[j]) == 0;
    }
    for (int j = 0; j < all; ++j) CHECK(seen[j]);
    FAILS(TW_ERROR_INDEX, tw_safetensors_name(file, all, NULL, 0, NULL));
    FAILS(TW_ERROR_INDEX, tw_safetensors_name(file, -1, NULL, 0, NULL));
    REFUSES_SAYING(TW_ERROR_INDEX, "absent", tw_safetensors_tensor(s, file, "absent"));
    REFUSES(TW_ERROR_NULL, tw_safetensors_tensor(NULL, file, NULL));
    tw_safetensors_free(file);
    tw_scope_free(s);
}

static void an_empty_file_of_tensors(void) {
    tw_scope *s = tw_scope_new();
    const char *path = in_folder("none.safetensors");
    OK(tw_safetensors_save(path, NULL, NULL, 0));
    tw_safetensors *file = NULL;
    OK(tw_safetensors_open(path, &file));
    int64_t count = -1;
    OK(tw_safetensors_count(file, &count));
    CHECK(count == 0);
    tw_safetensors_free(file);
    const char *names[] = {"a", "a"};
    const tw_tensor *same[] = {VECTOR(s, 1), VECTOR(s, 2)};
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_safetensors_save(path, names, same, 2));
    tw_scope_free(s);
}

static void names_with_any_characters(void) {
    tw_scope *s = tw_scope_new();
    const char *path = in_folder("names.safetensors");
    const char *names[] = {"a \"quoted\\ name\"", "tab\tand\nline", "\xc3\xa9\xe6\x9d\x83\xf0\x9f\x8c\x8a", ""};
    tw_tensor *t = VECTOR(s, 1, 2);
    const tw_tensor *tensors[] = {t, t, t, t};
    int64_t count = 3;
    OK(tw_safetensors_save(path, names, tensors, count));
    tw_safetensors *file = NULL;
    OK(tw_safetensors_open(path, &file));
    for (int64_t i = 0; i < count; ++i) VALUES(tw_safetensors_tensor(s, file, names[i]), 0, 1, 2);
    tw_safetensors_free(file);
    tw_scope_free(s);
}

/* The vectors of the safetensors project; what each is, is from its manifest.json. */
static void published_vectors(void) {
    const struct {
        const char *name;
        bool good;
    } table[] = {
        {"test_deserialization_0", true},         {"test_zero_sized_tensor_0", true},
        {"test_metadata_incomplete_buffer_0", false}, {"test_header_too_large_0", false},
        {"test_header_too_small_0", false},       {"test_validation_overflow_0", false},
        {"test_json_attack_0", false},
    };
    const char *root = getenv("TALWEG_TEST_DATA");
    char path[1024];
    tw_scope *s = tw_scope_new();
    int found = 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; ++i) {
        snprintf(path, sizeof path, "%s/safetensors/%s.safetensors", root ? root : "../shared/data", table[i].name);
        if (access(path, R_OK) != 0) continue;
        ++found;
        tw_safetensors *file = NULL;
        if (!table[i].good) {
            FAILS(TW_ERROR_FORMAT, tw_safetensors_open(path, &file));
            CHECK(file == NULL);
            continue;
        }
        OK(tw_safetensors_open(path, &file));
        int64_t count = 0;
        OK(tw_safetensors_count(file, &count));
        CHECK(count == 1);
        char name[64];
        OK(tw_safetensors_name(file, 0, name, sizeof name, NULL));
        CHECK(tw_safetensors_tensor(s, file, name) != NULL);
        tw_safetensors_free(file);
    }
    tw_scope_free(s);
    if (found == 0) SKIP("no ../shared/data/safetensors here (TALWEG_TEST_DATA names another folder)");
    CHECK(found == 7);
}

static void headers_that_lie(void) {
    const float data[4] = {1, 2, 3, 4};
    const char *const headers[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"a\":1}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,15]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,17]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-16,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4.5],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,99999999999999999999]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F99\",\"shape\":[4],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} x",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}",
        "{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
        "{\"a\xff\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
    };
    unsigned char bytes[1024];
    const char *path = in_folder("lies.safetensors");
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; ++i) {
        size_t size = compose(bytes, headers[i], data, sizeof data);
        write_bytes(path, bytes, size);
        tw_safetensors *file = NULL;
        if (!FAILS(TW_ERROR_FORMAT, tw_safetensors_open(path, &file))) printf("  (of %s)\n", headers[i]);
        tw_safetensors_free(file);
    }
}

static void a_header_that_nests_deeply(void) {
    /* 200,000 brackets must not take the stack. */
    size_t depth = 200000;
    unsigned char *bytes = malloc(depth + 8);
    if (!CHECK(bytes != NULL)) return;
    for (int i = 0; i < 8; ++i) bytes[i] = (unsigned char)((uint64_t)depth >> (8 * i));
    memset(bytes + 8, '[', depth);
    for (size_t i = 0; i < 5; ++i) bytes[8 + i] = (unsigned char)"{\"a\":"[i];
    const char *path = in_folder("deep.safetensors");
    write_bytes(path, bytes, depth + 8);
    free(bytes);
    tw_safetensors *file = NULL;
    FAILS(TW_ERROR_FORMAT, tw_safetensors_open(path, &file));
}

static void a_dtype_that_this_version_has_not(void) {
    const unsigned char data[8] = {0};
    unsigned char bytes[512];
    size_t size = compose(bytes,
                          "{\"h\":{\"dtype\":\"F4\",\"shape\":[8],\"data_offsets\":[0,4]},"
                          "\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                          data, sizeof data);
    const char *path = in_folder("f4.safetensors");
    write_bytes(path, bytes, size);
    tw_scope *s = tw_scope_new();
    tw_safetensors *file = NULL;
    OK(tw_safetensors_open(path, &file));
    VALUES(tw_safetensors_tensor(s, file, "f"), 0, 0);
    REFUSES_SAYING(TW_ERROR_DTYPE, "F4", tw_safetensors_tensor(s, file, "h"));
    tw_safetensors_free(file);
    tw_scope_free(s);
}

static void truncated_at_every_byte(void) {
    tw_scope *s = tw_scope_new();
    const char *names[] = {"a", "b"};
    const tw_tensor *tensors[] = {VECTOR(s, 1, 2, 3), INTEGERS(s, 4, 5)};
    const char *whole = in_folder("whole.safetensors"), *cut = in_folder("cut.safetensors");
    OK(tw_safetensors_save(whole, names, tensors, 2));
    unsigned char bytes[4096];
    size_t size = read_bytes(whole, bytes, sizeof bytes);
    CHECK(size > 48 && size < sizeof bytes);
    for (size_t i = 0; i < size; ++i) {
        write_bytes(cut, bytes, i);
        tw_safetensors *file = NULL;
        FAILS(TW_ERROR_FORMAT, tw_safetensors_open(cut, &file));
        CHECK(file == NULL);
    }
    /* A byte more than the header tells of is no better. */
    bytes[size] = 0;
    write_bytes(cut, bytes, size + 1);
    tw_safetensors *file = NULL;
    FAILS(TW_ERROR_FORMAT, tw_safetensors_open(cut, &file));
    tw_scope_free(s);
}

static void every_byte_changed(void) {
    /* Whatever a byte becomes, the process lives, and what opens can be read. */
    tw_scope *s = tw_scope_new();
    const char *names[] = {"a", "b"};
    const tw_tensor *tensors[] = {VECTOR(s, 1, 2, 3), INTEGERS(s, 4, 5)};
    const char *whole = in_folder("whole.safetensors"), *changed = in_folder("changed.safetensors");
    OK(tw_safetensors_save(whole, names, tensors, 2));
    unsigned char bytes[4096];
    size_t size = read_bytes(whole, bytes, sizeof bytes);
    const unsigned char with[] = {0, 1, '"', '{', '}', '9', '-', 0x80, 0xff};
    for (size_t i = 0; i < size; i += under_valgrind() ? 7 : 1)
        for (size_t j = 0; j < sizeof with; ++j) {
            unsigned char kept = bytes[i];
            bytes[i] = with[j];
            write_bytes(changed, bytes, size);
            bytes[i] = kept;
            tw_safetensors *file = NULL;
            tw_status status = tw_safetensors_open(changed, &file);
            CHECK(status == TW_OK || status == TW_ERROR_FORMAT);
            int64_t count = 0;
            if (status == TW_OK && OK(tw_safetensors_count(file, &count)))
                for (int64_t k = 0; k < count; ++k) {
                    char name[64];
                    OK(tw_safetensors_name(file, k, name, sizeof name, NULL));
                    tw_safetensors_tensor(s, file, name);
                }
            tw_safetensors_free(file);
            tw_scope_reset(s);
        }
    tw_scope_free(s);
}

static void files_that_are_not_there(void) {
    tw_scope *s = tw_scope_new();
    tw_safetensors *file = NULL;
    FAILS_SAYING(TW_ERROR_IO, "absent", tw_safetensors_open(in_folder("absent.safetensors"), &file));
    FAILS(TW_ERROR_IO, tw_safetensors_open(folder, &file));
    FAILS(TW_ERROR_NULL, tw_safetensors_open(NULL, &file));
    REFUSES_SAYING(TW_ERROR_IO, "absent", tw_csv_read(s, in_folder("absent.csv"), NULL));
    REFUSES(TW_ERROR_IO, tw_csv_read(s, folder, NULL));
    CHECK(file == NULL);
    tw_scope_free(s);
}

static void paths_that_cannot_be_written(void) {
    tw_scope *s = tw_scope_new();
    const char *names[] = {"a"};
    const tw_tensor *tensors[] = {VECTOR(s, 1)};
    FAILS_SAYING(TW_ERROR_IO, "nowhere", tw_safetensors_save(in_folder("nowhere/a.safetensors"), names, tensors, 1));
    FAILS(TW_ERROR_IO, tw_safetensors_save(folder, names, tensors, 1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_safetensors_save("", names, tensors, 1));
    FAILS(TW_ERROR_IO, tw_csv_write(in_folder("nowhere/a.csv"), tensors[0], NULL));
    tw_scope_free(s);
}

static void a_full_disk_leaves_the_old_file(void) {
    if (under_valgrind()) SKIP("a limit on file sizes also limits valgrind");
    tw_scope *s = tw_scope_new();
    const char *names[] = {"a"};
    const tw_tensor *small[] = {VECTOR(s, 1, 2)}, *large[] = {tw_zeros(s, SIZES(100000), TW_FLOAT64)};
    const char *path = in_folder("kept.safetensors"), *csv = in_folder("kept.csv");
    OK(tw_safetensors_save(path, names, small, 1));
    OK(tw_csv_write(csv, small[0], NULL));
    int files = files_in_folder();
    /* A limit on the size of files stands for the full disk: write() fails part of the way. */
    struct rlimit old, limited;
    CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
    limited = old;
    limited.rlim_cur = 65536;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limited) == 0);
    FAILS(TW_ERROR_IO, tw_safetensors_save(path, names, large, 1));
    FAILS(TW_ERROR_IO, tw_csv_write(csv, large[0], NULL));
    CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
    signal(SIGXFSZ, handler);
    CHECK(files_in_folder() == files); /* nothing half written is left beside it */
    tw_safetensors *file = NULL;
    OK(tw_safetensors_open(path, &file));
    VALUES(tw_safetensors_tensor(s, file, "a"), 0, 1, 2);
    VALUES(tw_csv_read(s, csv, NULL), 0, 1, 2);
    tw_safetensors_free(file);
    tw_scope_free(s);
}

static tw_tensor *csv_of(tw_scope *s, const char *text, const tw_csv_options *options) {
    const char *path = in_folder("some.csv");
    write_bytes(path, text, strlen(text));
    return tw_csv_read(s, path, options);
}

static void reading_csv(void) {
    tw_scope *s = tw_scope_new();
    tw_tensor *t = csv_of(s, "1,2.5,-3e2\n4, 5 ,6\r\n\n7,,9", NULL);
    SHAPE(t, 3, 3);
    CHECK(dtype_of(t) == TW_FLOAT64);
    VALUES(t, 0, 1, 2.5, -300, 4, 5, 6, 7, NAN, 9);
    tw_csv_options options = TW_CSV_OPTIONS_INIT;
    options.delimiter = ';';
    options.skip_lines = 1;
    options.dtype = TW_FLOAT32;
    t = csv_of(s, "x;y\n0.1;2\n", &options);
    CHECK(dtype_of(t) == TW_FLOAT32);
    VALUES(t, 0, (double)0.1f, 2);
    CHECK(tw_scope_status(s) == TW_OK);
    tw_scope_free(s);
}

static void csv_that_is_malformed(void) {
    tw_scope *s = tw_scope_new();
    REFUSES_SAYING(TW_ERROR_FORMAT, "2", csv_of(s, "1,2\n3,x\n", NULL));
    REFUSES_SAYING(TW_ERROR_FORMAT, "2", csv_of(s, "1,2\n3\n", NULL));
    REFUSES(TW_ERROR_FORMAT, csv_of(s, "1,2\n3,4,5\n", NULL));
    REFUSES(TW_ERROR_FORMAT, csv_of(s, "1.5.2\n", NULL));
    tw_csv_options options = TW_CSV_OPTIONS_INIT;
    options.dtype = TW_INT32;
    CHECK(csv_of(s, "1\n", &options) == NULL);
    tw_csv_options negative = TW_CSV_OPTIONS_INIT;
    negative.skip_lines = -1;
    REFUSES(TW_ERROR_INVALID_ARGUMENT, csv_of(s, "1\n", &negative));
    tw_scope_free(s);
}

static void csv_comes_back_exactly(void) {
    tw_scope *s = tw_scope_new();
    const char *path = in_folder("back.csv");
    tw_tensor *wide = tw_random_normal(s, NULL, SIZES(50, 4), 0, 1e10, TW_FLOAT64);
    OK(tw_csv_write(path, wide, NULL));
    CHECK(same_bytes(wide, tw_csv_read(s, path, NULL)));
    tw_csv_options options = TW_CSV_OPTIONS_INIT;
    options.dtype = TW_FLOAT32;
    options.delimiter = '\t';
    tw_tensor *narrow = tw_random_normal(s, NULL, SIZES(50, 4), 0, 1e-10, TW_FLOAT32);
    OK(tw_csv_write(path, narrow, &options));
    CHECK(same_bytes(narrow, tw_csv_read(s, path, &options)));
    tw_tensor *edges = VECTOR(s, 5e-324, 1.7976931348623157e308, 0.1, 1.0 / 3, -1e-300);
    OK(tw_csv_write(path, edges, NULL));
    tw_tensor *column = tw_csv_read(s, path, NULL);
    SHAPE(column, 5, 1);
    CHECK(same_bytes(tw_reshape(s, column, SIZES(5)), edges));
    FAILS(TW_ERROR_SHAPE, tw_csv_write(path, tw_zeros(s, SIZES(2, 2, 2), TW_FLOAT64), NULL));
    tw_scope_free(s);
}

int main(void) {
    strcpy(folder, "/tmp/talweg-io-XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    RUN(every_dtype_comes_back);
    RUN(an_empty_file_of_tensors);
    RUN(names_with_any_characters);
    RUN(published_vectors);
    RUN(headers_that_lie);
    RUN(a_header_that_nests_deeply);
    RUN(a_dtype_that_this_version_has_not);
    RUN(truncated_at_every_byte);
    RUN(every_byte_changed);
    RUN(files_that_are_not_there);
    RUN(paths_that_cannot_be_written);
    RUN(a_full_disk_leaves_the_old_file);
    RUN(reading_csv);
    RUN(csv_that_is_malformed);
    RUN(csv_comes_back_exactly);
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.') remove(in_folder(entry->d_name));
    if (directory != NULL) closedir(directory);
    rmdir(folder);
    return check_report();
}
