/* Random whole numbers and choices: tensor.h. */
#include "talweg_python.h"

static PyObject *random_integers(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *shape, *dtype, *source;
    int64_t low, high;
    Sizes sizes;
    tw_dtype code = TW_INT64;
    tw_generator *generator;
    if (!PyArg_ParseTuple(args, "OO&O&OO", &shape, to_int64, &low, to_int64, &high, &dtype, &source) ||
        sizes_from(shape, "size", &sizes) < 0 || (dtype != Py_None && dtype_from(state, dtype, &code) < 0) ||
        generator_from(state, source, &generator) < 0)
        return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_random_integers(NULL, generator, sizes.values, sizes.rank, low, high, code))
    return tensor_wrap(state, handle);
}

static PyObject *random_exponential(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *shape, *dtype, *source;
    double scale;
    Sizes sizes;
    tw_dtype code = TW_FLOAT64;
    tw_generator *generator;
    if (!PyArg_ParseTuple(args, "OdOO", &shape, &scale, &dtype, &source) || sizes_from(shape, "size", &sizes) < 0 ||
        (dtype != Py_None && dtype_from(state, dtype, &code) < 0) || generator_from(state, source, &generator) < 0)
        return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_random_exponential(NULL, generator, sizes.values, sizes.rank, scale, code))
    return tensor_wrap(state, handle);
}

/* A call on a tensor-like object and a generator, with the interpreter released. */
#define ON_TENSOR(state, object, source, call) \
    tw_generator *generator; \
    if (generator_from(state, source, &generator) < 0) return NULL; \
    PyObject *input = tensor_from(state, object, NULL, NULL); \
    if (!input) return NULL; \
    const tw_tensor *x = TENSOR(input); \
    tw_tensor *handle; \
    UNLOCKED(handle = call) \
    Py_DECREF(input); \
    return tensor_wrap(state, handle);

static PyObject *random_permuted(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object, *source;
    int64_t axis;
    if (!PyArg_ParseTuple(args, "OO&O", &object, to_int64, &axis, &source)) return NULL;
    ON_TENSOR(state, object, source, tw_random_permuted(NULL, generator, x, axis))
}

static PyObject *random_bernoulli(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object, *source;
    if (!PyArg_ParseTuple(args, "OO", &object, &source)) return NULL;
    ON_TENSOR(state, object, source, tw_random_bernoulli(NULL, generator, x))
}

static PyObject *random_categorical(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *object, *source;
    int logits, replacement;
    int64_t count;
    if (!PyArg_ParseTuple(args, "OpO&pO", &object, &logits, to_int64, &count, &replacement, &source)) return NULL;
    ON_TENSOR(state, object, source,
              logits ? tw_random_categorical_logits(NULL, generator, x, count, replacement)
                     : tw_random_categorical(NULL, generator, x, count, replacement))
}

/* Of the process's generator. */
static PyObject *random_get_state(PyObject *module, PyObject *unused) {
    (void)unused;
    uint64_t seed, position;
    if (check(module_state(module), tw_generator_state(NULL, &seed, &position)) < 0) return NULL;
    return Py_BuildValue("(KK)", (unsigned long long)seed, (unsigned long long)position);
}

static PyObject *random_set_state(PyObject *module, PyObject *value) {
    uint64_t seed, position;
    if (generator_state_from(value, &seed, &position) < 0 ||
        check(module_state(module), tw_generator_set_state(NULL, seed, position)) < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyMethodDef random_functions[] = {
    {"random_integers", random_integers, METH_VARARGS,
     "random_integers(shape, low, high, dtype, generator, /)\n--\n\nAs talweg.random.integers."},
    {"random_exponential", random_exponential, METH_VARARGS,
     "random_exponential(shape, scale, dtype, generator, /)\n--\n\nAs talweg.random.exponential."},
    {"random_permuted", random_permuted, METH_VARARGS,
     "random_permuted(x, axis, generator, /)\n--\n\nThe positions of an axis in a random order."},
    {"random_bernoulli", random_bernoulli, METH_VARARGS,
     "random_bernoulli(probabilities, generator, /)\n--\n\nAs talweg.random.bernoulli."},
    {"random_categorical", random_categorical, METH_VARARGS,
     "random_categorical(weights, are_logits, count, replacement, generator, /)\n--\n\nAs talweg.random.categorical."},
    {"random_get_state", random_get_state, METH_NOARGS, "random_get_state()\n--\n\nAs talweg.random.get_state."},
    {"random_set_state", random_set_state, METH_O, "random_set_state(state, /)\n--\n\nAs talweg.random.set_state."},
    {0},
};
