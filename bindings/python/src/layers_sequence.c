/* Layers of sequences: recurrent ones, attention, transformers, and checkpointed modules. The constructors take the
   Python object first. */
#include "talweg_python.h"

/* The handle of a Module that was made, or NULL with an exception. */
static tw_module *module_from(State *state, PyObject *object) {
    if (!PyObject_TypeCheck(object, state->module_type)) {
        PyErr_Format(PyExc_TypeError, "a talweg.nn.Module is needed, not %R", Py_TYPE(object));
        return NULL;
    }
    if (!MODULE(object)) PyErr_SetString(PyExc_AttributeError, "call super().__init__() before using a Module");
    return MODULE(object);
}

/* None is no rotary positions. */
static int rotary_from(PyObject *base, bool *rotary, double *value) {
    *rotary = base != Py_None;
    if (!*rotary) return 0;
    *value = PyFloat_AsDouble(base);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

typedef tw_status (*NewRecurrent)(int64_t, int64_t, const tw_recurrent_options *, tw_module **);

static NewRecurrent recurrent_named(const char *name) {
    static const struct {
        const char *name;
        NewRecurrent function;
    } all[] = {{"RNN", tw_rnn_new},          {"LSTM", tw_lstm_new},          {"GRU", tw_gru_new},
               {"RNNCell", tw_rnn_cell_new}, {"LSTMCell", tw_lstm_cell_new}, {"GRUCell", tw_gru_cell_new}};
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i)
        if (strcmp(name, all[i].name) == 0) return all[i].function;
    PyErr_Format(PyExc_ValueError, "%s is no recurrent layer", name);
    return NULL;
}

static PyObject *init_recurrent(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_recurrent_options options = TW_RECURRENT_OPTIONS_INIT;
    PyObject *self, *dtype, *generator;
    const char *name;
    int64_t inputs, hidden;
    int bias, batch_first, bidirectional, rectified;
    if (!PyArg_ParseTuple(args, "OsO&O&O&ppppO&dOO", &self, &name, to_int64, &inputs, to_int64, &hidden, to_int64,
                          &options.layers, &bias, &batch_first, &bidirectional, &rectified, to_int64,
                          &options.projection, &options.dropout, &dtype, &generator))
        return NULL;
    options.bias = bias;
    options.batch_first = batch_first;
    options.bidirectional = bidirectional;
    options.rectified = rectified;
    NewRecurrent function = recurrent_named(name);
    if (!function || dtype_from(state, dtype, &options.dtype) < 0 ||
        generator_from(state, generator, &options.generator) < 0)
        return NULL;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = function(inputs, hidden, &options, &handle))
    return module_adopt(self, status, handle);
}

static PyObject *init_multihead_attention(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_multihead_attention_options options = TW_MULTIHEAD_ATTENTION_OPTIONS_INIT;
    PyObject *self, *rotary, *dtype, *generator;
    int64_t width, heads;
    int bias, batch_first, causal;
    if (!PyArg_ParseTuple(args, "OO&O&O&O&O&pppOdOO", &self, to_int64, &width, to_int64, &heads, to_int64,
                          &options.key_heads, to_int64, &options.key_width, to_int64, &options.value_width, &bias,
                          &batch_first, &causal, &rotary, &options.dropout, &dtype, &generator) ||
        rotary_from(rotary, &options.rotary, &options.rotary_base) < 0 ||
        dtype_from(state, dtype, &options.dtype) < 0 || generator_from(state, generator, &options.generator) < 0)
        return NULL;
    options.bias = bias;
    options.batch_first = batch_first;
    options.causal = causal;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = tw_multihead_attention_new(width, heads, &options, &handle))
    return module_adopt(self, status, handle);
}

static PyObject *init_transformer_layer(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    tw_transformer_options options = TW_TRANSFORMER_OPTIONS_INIT;
    PyObject *self, *rotary, *dtype, *generator;
    int64_t width, heads;
    int decoder, activation, norm_first, root_mean_square, bias, batch_first, causal;
    if (!PyArg_ParseTuple(args, "OpO&O&O&ipppppOO&ddOO", &self, &decoder, to_int64, &width, to_int64, &heads, to_int64,
                          &options.feed_forward, &activation, &norm_first, &root_mean_square, &bias, &batch_first,
                          &causal, &rotary, to_int64, &options.key_heads, &options.dropout, &options.epsilon, &dtype,
                          &generator) ||
        rotary_from(rotary, &options.rotary, &options.rotary_base) < 0 ||
        dtype_from(state, dtype, &options.dtype) < 0 || generator_from(state, generator, &options.generator) < 0)
        return NULL;
    options.activation = (tw_feed_forward)activation;
    options.norm_first = norm_first;
    options.root_mean_square = root_mean_square;
    options.bias = bias;
    options.batch_first = batch_first;
    options.causal = causal;
    tw_module *handle = NULL;
    tw_status status;
    UNLOCKED(status = (decoder ? tw_transformer_decoder_layer_new : tw_transformer_encoder_layer_new)(
                 width, heads, &options, &handle))
    return module_adopt(self, status, handle);
}

static PyObject *init_transformer_stack(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *self, *layers, *norm;
    int decoder;
    tw_module *ending = NULL, *handle = NULL;
    if (!PyArg_ParseTuple(args, "OpO!O", &self, &decoder, &PyTuple_Type, &layers, &norm)) return NULL;
    if (norm != Py_None && !(ending = module_from(state, norm))) return NULL;
    Py_ssize_t count = PyTuple_Size(layers);
    tw_module **handles = PyMem_Malloc((count ? (size_t)count : 1) * sizeof *handles);
    if (!handles) return PyErr_NoMemory();
    bool taken = true;
    for (Py_ssize_t i = 0; i < count && taken; ++i)
        taken = (handles[i] = module_from(state, PyTuple_GetItem(layers, i))) != NULL;
    PyObject *result = NULL;
    if (taken) {
        tw_status status = (decoder ? tw_transformer_decoder_new : tw_transformer_encoder_new)(handles, count, ending,
                                                                                               &handle);
        result = module_adopt(self, status, handle);
    }
    PyMem_Free(handles);
    return result;
}

static PyObject *init_checkpointed(PyObject *module, PyObject *args) {
    PyObject *self, *inner;
    tw_module *handle = NULL, *wrapped;
    if (!PyArg_ParseTuple(args, "OO", &self, &inner) || !(wrapped = module_from(module_state(module), inner)))
        return NULL;
    tw_status status = tw_checkpointed_new(wrapped, &handle);
    return module_adopt(self, status, handle);
}

/* ---- Use ---------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    tw_key_value_cache *handle;
} CacheObject;

#define CACHE(object) (((CacheObject *)(object))->handle)

/* What a call holds: at most MOST tensors, those given as None being NULL. */
enum { MOST = 7 };

static int tensors_or_none(State *state, PyObject *const *objects, int count, PyObject **held) {
    for (int i = 0; i < count; ++i)
        if (tensor_or_none(state, objects[i], &held[i]) < 0) return -1;
    return 0;
}

static tw_tensor *handle_of(PyObject *tensor) {
    return tensor ? TENSOR(tensor) : NULL;
}

static int cache_from(State *state, PyObject *object, tw_key_value_cache **cache) {
    if (object == Py_None) return 0;
    if (!PyObject_TypeCheck(object, state->key_value_cache_type)) {
        PyErr_Format(PyExc_TypeError, "cache is a talweg.nn.KeyValueCache, not %R", Py_TYPE(object));
        return -1;
    }
    *cache = CACHE(object);
    return 0;
}

static PyObject *multihead_attention(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *self, *given[5], *cache, *held[MOST] = {NULL}, *result = NULL;
    tw_attention_context context = TW_ATTENTION_CONTEXT_INIT;
    int causal, wants_weights;
    tw_module *attention;
    if (!PyArg_ParseTuple(args, "OOOOOOpOp", &self, &given[0], &given[1], &given[2], &given[3], &given[4], &causal,
                          &cache, &wants_weights) ||
        !(attention = module_from(state, self)) || cache_from(state, cache, &context.cache) < 0)
        return NULL;
    if (tensors_or_none(state, given, 5, held) == 0) {
        context.mask = handle_of(held[3]);
        context.key_mask = handle_of(held[4]);
        context.causal = causal;
        tw_tensor *output, *weights = NULL;
        UNLOCKED(output = tw_multihead_attention(NULL, attention, handle_of(held[0]), handle_of(held[1]),
                                                 handle_of(held[2]), &context, wants_weights ? &weights : NULL))
        PyObject *y = tensor_wrap(state, output);
        if (y) result = Py_BuildValue("NN", y, weights ? tensor_wrap(state, weights) : Py_NewRef(Py_None));
    }
    for (int i = 0; i < MOST; ++i) Py_XDECREF(held[i]);
    return result;
}

static PyObject *transformer_forward(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *self, *given[6], *cache, *held[MOST] = {NULL}, *result = NULL;
    tw_attention_context context = TW_ATTENTION_CONTEXT_INIT;
    int causal, memory_causal;
    tw_module *block;
    if (!PyArg_ParseTuple(args, "OOOOOpOOpO", &self, &given[0], &given[1], &given[2], &given[3], &causal, &given[4],
                          &given[5], &memory_causal, &cache) ||
        !(block = module_from(state, self)) || cache_from(state, cache, &context.cache) < 0)
        return NULL;
    if (tensors_or_none(state, given, 6, held) == 0) {
        context.mask = handle_of(held[2]);
        context.key_mask = handle_of(held[3]);
        context.causal = causal;
        context.memory_mask = handle_of(held[4]);
        context.memory_key_mask = handle_of(held[5]);
        context.memory_causal = memory_causal;
        tw_tensor *output;
        UNLOCKED(output = tw_transformer_forward(NULL, block, handle_of(held[0]), handle_of(held[1]), &context))
        result = tensor_wrap(state, output);
    }
    for (int i = 0; i < MOST; ++i) Py_XDECREF(held[i]);
    return result;
}

PyMethodDef layers_sequence_functions[] = {
    {"_init_recurrent", init_recurrent, METH_VARARGS, NULL},
    {"_init_multihead_attention", init_multihead_attention, METH_VARARGS, NULL},
    {"_init_transformer_layer", init_transformer_layer, METH_VARARGS, NULL},
    {"_init_transformer_stack", init_transformer_stack, METH_VARARGS, NULL},
    {"_init_checkpointed", init_checkpointed, METH_VARARGS, NULL},
    {"_multihead_attention", multihead_attention, METH_VARARGS, NULL},
    {"_transformer_forward", transformer_forward, METH_VARARGS, NULL},
    {0},
};

/* ---- The cache ---------------------------------------------------------- */

static PyObject *cache_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"capacity", NULL};
    int64_t capacity;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&:KeyValueCache", names, to_int64, &capacity)) return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    PyObject *self = allocate(type, 0);
    if (!self) return NULL;
    CACHE(self) = NULL;
    if (check(object_state(self), tw_key_value_cache_new(capacity, &CACHE(self))) < 0) Py_CLEAR(self);
    return self;
}

static void cache_dealloc(PyObject *self) {
    tw_key_value_cache_free(CACHE(self));
    object_free(self);
}

static Py_ssize_t cache_length(PyObject *self) {
    int64_t length;
    return check(object_state(self), tw_key_value_cache_length(CACHE(self), &length)) < 0 ? -1 : (Py_ssize_t)length;
}

static PyObject *cache_capacity(PyObject *self, void *unused) {
    (void)unused;
    int64_t capacity;
    if (check(object_state(self), tw_key_value_cache_capacity(CACHE(self), &capacity)) < 0) return NULL;
    return PyLong_FromLongLong(capacity);
}

static PyObject *cache_reset(PyObject *self, PyObject *unused) {
    (void)unused;
    if (check(object_state(self), tw_key_value_cache_reset(CACHE(self))) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyGetSetDef cache_getset[] = {
    {"capacity", cache_capacity, NULL, "The most positions.", NULL},
    {0},
};

static PyMethodDef cache_methods[] = {
    {"reset", cache_reset, METH_NOARGS,
     "reset($self, /)\n--\n\nForgets all positions, and memories, for a new sequence."},
    {0},
};

static PyType_Slot cache_slots[] = {
    {Py_tp_doc, "KeyValueCache(capacity)\n--\n\n"
                "The keys and values of what a model has seen, for decoding step by step: pass it as ``cache`` to the\n"
                "attention layers of a model, each of which appends those of its input and attends to all of them.\n"
                "``len`` is how many positions it holds, at most ``capacity``. It keeps no gradient: decode within\n"
                "``no_grad``. If a call fails, it holds what it held before."},
    {Py_tp_new, cache_new},
    {Py_tp_dealloc, cache_dealloc},
    {Py_sq_length, cache_length},
    {Py_tp_getset, cache_getset},
    {Py_tp_methods, cache_methods},
    {0},
};

static PyType_Spec cache_spec = {"talweg._talweg.KeyValueCache", sizeof(CacheObject), 0, Py_TPFLAGS_DEFAULT,
                                 cache_slots};

int key_value_cache_type_add(PyObject *module, State *state) {
    return type_add(module, &cache_spec, NULL, &state->key_value_cache_type);
}
