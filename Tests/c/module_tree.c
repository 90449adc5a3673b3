/* What a module holds: buffers, children by path, patterns, several inputs. */
#include "check.h"
#include <unistd.h>

static const char *buffer_name_of(const tw_module *module, int64_t index) {
    static char text[64];
    text[0] = 0;
    OK(tw_module_buffer_name(module, index, text, sizeof text, NULL));
    return text;
}

static int pass_on(void *context, tw_scope *scope, tw_tensor *input, tw_tensor **output) {
    (void)context;
    (void)scope;
    *output = input;
    return 0;
}

/* A module with the buffers "seen" (persistent) and "scratch" (not), as child "0" of a sequential. */
static tw_module *tree(tw_scope *s, tw_module **inner) {
    tw_module *root = NULL, *linear = NULL;
    OK(tw_callback_module_new(pass_on, NULL, NULL, inner));
    OK(tw_module_set_parameter(*inner, "weight", VECTOR(s, 1, 2)));
    OK(tw_module_set_buffer(*inner, "seen", VECTOR(s, 3, 4, 5), true));
    OK(tw_module_set_buffer(*inner, "scratch", VECTOR(s, 6), false));
    OK(tw_linear_new(3, 2, NULL, &linear));
    OK(tw_sequential_new((tw_module *[]){*inner, linear}, 2, &root));
    tw_module_free(linear);
    return root;
}

static void buffers(void) {
    tw_scope *s = tw_scope_new();
    tw_module *inner = NULL, *root = tree(s, &inner);
    int64_t count = 0;
    OK(tw_module_buffer_count(root, &count));
    CHECK(count == 2);
    TEXT(buffer_name_of(root, 0), "0.seen");
    TEXT(buffer_name_of(root, 1), "0.scratch");
    VALUES(tw_module_buffer(s, root, 0), 0, 3, 4, 5);
    VALUES(tw_module_buffer_named(s, root, "0.scratch"), 0, 6);
    REFUSES_SAYING(TW_ERROR_INDEX, "there are 2", tw_module_buffer(s, root, 2));
    REFUSES_SAYING(TW_ERROR_INDEX, "\"0.weight\"", tw_module_buffer_named(s, root, "0.weight"));
    OK(tw_module_parameter_count(root, &count));
    CHECK(count == 3);
    FAILS_SAYING(TW_ERROR_STATE, "is a parameter", tw_module_set_buffer(inner, "weight", VECTOR(s, 1), true));
    FAILS_SAYING(TW_ERROR_STATE, "is a buffer", tw_module_set_parameter(inner, "seen", VECTOR(s, 1)));
    tw_tensor *leaf = VECTOR(s, 1);
    OK(tw_tensor_set_requires_grad(leaf, true));
    FAILS_SAYING(TW_ERROR_STATE, "requires a gradient", tw_module_set_buffer(inner, "leaf", leaf, true));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_set_buffer(inner, "a.b", VECTOR(s, 1), true));
    OK(tw_module_remove(inner, "scratch"));
    OK(tw_module_buffer_count(root, &count));
    CHECK(count == 1);
    tw_module_free(inner);
    tw_module_free(root);
    tw_scope_free(s);
}

static void files_hold_persistent_buffers(void) {
    char path[] = "/tmp/talweg_module_XXXXXX";
    int file = mkstemp(path);
    CHECK(file >= 0);
    close(file);
    tw_scope *s = tw_scope_new();
    tw_module *inner = NULL, *root = tree(s, &inner);
    OK(tw_module_save(root, path));
    OK(tw_tensor_assign(tw_module_buffer_named(s, root, "0.seen"), VECTOR(s, 0, 0, 0)));
    OK(tw_tensor_assign(tw_module_buffer_named(s, root, "0.scratch"), VECTOR(s, 0)));
    OK(tw_module_load(root, path));
    VALUES(tw_module_buffer_named(s, root, "0.seen"), 0, 3, 4, 5);
    VALUES(tw_module_buffer_named(s, root, "0.scratch"), 0, 0);
    /* Each name that is missing or unexpected is told, and nothing is changed. */
    OK(tw_module_remove(inner, "seen"));
    OK(tw_module_set_buffer(inner, "other", VECTOR(s, 8), true));
    OK(tw_tensor_assign(tw_module_parameter_named(s, root, "0.weight"), VECTOR(s, 9, 9)));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "lacks \"0.other\"", tw_module_load(root, path));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "no \"0.seen\"", tw_module_load(root, path));
    VALUES(tw_module_parameter_named(s, root, "0.weight"), 0, 9, 9);
    tw_module_free(inner);
    tw_module_free(root);
    tw_scope_free(s);
    unlink(path);
}

static void children(void) {
    tw_scope *s = tw_scope_new();
    tw_module *inner = NULL, *root = tree(s, &inner), *found = NULL;
    int64_t count = 0;
    char text[32] = "";
    OK(tw_module_child_count(root, &count));
    CHECK(count == 2);
    OK(tw_module_child_name(root, 1, text, sizeof text, NULL));
    TEXT(text, "1");
    FAILS(TW_ERROR_INDEX, tw_module_child_name(root, -1, text, sizeof text, NULL));
    OK(tw_module_at(root, "1", &found));
    OK(tw_module_type_name(found, text, sizeof text, NULL));
    TEXT(text, "Linear");
    tw_module_free(found);
    OK(tw_module_at(root, "", &found));
    OK(tw_module_type_name(found, text, sizeof text, NULL));
    TEXT(text, "Sequential");
    tw_module_free(found);
    FAILS_SAYING(TW_ERROR_INDEX, "\"1.0\"", tw_module_at(root, "1.0", &found));
    tw_module_free(inner);
    tw_module_free(root);
    tw_scope_free(s);
}

typedef struct {
    char paths[64];
    int64_t until;
} Visits;

static int visit(void *context, const char *path, tw_module *module) {
    Visits *visits = context;
    int64_t count = 0;
    OK(tw_module_parameter_count(module, &count));
    snprintf(visits->paths + strlen(visits->paths), sizeof visits->paths - strlen(visits->paths), "[%s:%d]", path,
             (int)count);
    return visits->until-- == 0;
}

static void apply(void) {
    tw_scope *s = tw_scope_new();
    tw_module *inner = NULL, *root = tree(s, &inner);
    Visits all = {"", 9}, some = {"", 1};
    OK(tw_module_apply(root, visit, &all));
    TEXT(all.paths, "[1:2][0:1][:3]");
    FAILS(TW_ERROR_CANCELLED, tw_module_apply(root, visit, &some));
    TEXT(some.paths, "[1:2][0:1]");
    FAILS(TW_ERROR_NULL, tw_module_apply(root, NULL, NULL));
    tw_module_free(inner);
    tw_module_free(root);
    tw_scope_free(s);
}

static void freezing(void) {
    tw_scope *s = tw_scope_new();
    tw_module *inner = NULL, *root = tree(s, &inner);
    int64_t count = 0, size = 0;
    OK(tw_module_freeze(root, "1.*", true, &count));
    OK(tw_module_trainable_size(root, &size));
    CHECK(count == 2 && size == 2);
    char text[512] = "";
    OK(tw_module_to_string(root, text, sizeof text, NULL));
    CHECK(strstr(text, "trainable") != NULL && strstr(text, "seen [3] (buffer)") != NULL);
    OK(tw_module_freeze(root, "*.b?as", false, &count));
    OK(tw_module_trainable_size(root, &size));
    CHECK(count == 1 && size == 4);
    OK(tw_module_freeze(root, "nothing*", true, &count));
    CHECK(count == 0);
    OK(tw_module_freeze(root, "*", true, NULL));
    OK(tw_module_trainable_size(root, &size));
    CHECK(size == 0);
    FAILS(TW_ERROR_NULL, tw_module_freeze(root, NULL, true, &count));
    tw_module_free(inner);
    tw_module_free(root);
    tw_scope_free(s);
}

static void calls(void) {
    tw_scope *s = tw_scope_new();
    tw_module *m = NULL;
    OK(tw_relu_new(&m));
    tw_tensor *x = VECTOR(s, -1, 2), *outputs[3] = {x, x, x};
    OK(tw_module_call(s, m, (const tw_tensor *[]){x}, 1, outputs, 3));
    VALUES(outputs[0], 0, 0, 2);
    CHECK(outputs[1] == NULL && outputs[2] == NULL);
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "ReLU takes one input, not 2",
                 tw_module_call(NULL, m, (const tw_tensor *[]){x, x}, 2, outputs, 1));
    FAILS_SAYING(TW_ERROR_INVALID_ARGUMENT, "takes one input",
                 tw_module_call(NULL, m, (const tw_tensor *[]){NULL}, 1, outputs, 1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(NULL, m, NULL, -1, outputs, 1));
    FAILS(TW_ERROR_NULL, tw_module_call(NULL, m, NULL, 1, outputs, 1));
    FAILS(TW_ERROR_INVALID_ARGUMENT, tw_module_call(NULL, m, (const tw_tensor *[]){x}, 1, outputs, 0));
    tw_module_free(m);
    tw_scope_free(s);
}

int main(void) {
    RUN(buffers);
    RUN(files_hold_persistent_buffers);
    RUN(children);
    RUN(apply);
    RUN(freezing);
    RUN(calls);
    return check_report();
}
