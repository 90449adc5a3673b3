/* Making tensors: of data, of constants, of ranges, of random numbers. */
#include "talweg_python.h"

static int dtype_or(State *state, PyObject *object, tw_dtype otherwise, tw_dtype *dtype) {
    *dtype = otherwise;
    return object == Py_None ? 0 : dtype_from(state, object, dtype);
}

/* A tensor with memory of its own, off the tape. */
static PyObject *create_tensor(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"data", "dtype", "requires_grad", NULL};
    State *state = module_state(module);
    PyObject *data, *dtype = Py_None;
    int required = 0;
    tw_dtype code;
    bool fresh;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|Op:tensor", names, &data, &dtype, &required)) return NULL;
    if (dtype_or(state, dtype, TW_FLOAT64, &code) < 0) return NULL;
    PyObject *source = tensor_from(state, data, dtype == Py_None ? NULL : &code, &fresh);
    if (!source) return NULL;
    tw_tensor *handle = tw_detach(NULL, TENSOR(source));
    Py_DECREF(source);
    if (handle && !fresh) {
        tw_tensor *view = handle;
        UNLOCKED(handle = tw_copy(NULL, view))
        tw_release(view);
    }
    PyObject *result = tensor_wrap(state, handle);
    if (result && check(state, tw_tensor_set_requires_grad(handle, required)) < 0) Py_CLEAR(result);
    return result;
}

/* `copy` as in the array API: None copies where it must, True always, False never. */
static PyObject *create_asarray(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "dtype", "device", "copy", NULL};
    State *state = module_state(module);
    if (!kwargs && PyTuple_Size(args) == 1) return tensor_from(state, PyTuple_GetItem(args, 0), NULL, NULL);
    PyObject *data, *dtype = Py_None, *device = Py_None, *copy = Py_None;
    tw_dtype code;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O$OO:asarray", names, &data, &dtype, &device, &copy)) return NULL;
    if (dtype_or(state, dtype, TW_FLOAT64, &code) < 0 || device_check(device) < 0) return NULL;
    const tw_dtype *wanted = dtype == Py_None ? NULL : &code;
    int copied = copy == Py_None ? -1 : PyObject_IsTrue(copy);
    bool fresh;
    if (copied < 0) return PyErr_Occurred() ? NULL : tensor_from(state, data, wanted, NULL);
    PyObject *source = tensor_from(state, data, NULL, &fresh);
    tw_dtype present;
    if (!source || check(state, tw_tensor_dtype(TENSOR(source), &present)) < 0) {
        Py_XDECREF(source);
        return NULL;
    }
    bool converts = wanted && present != code;
    if (!copied && (fresh || converts)) {
        PyErr_SetString(PyExc_ValueError, "asarray: copy=False, and the data becomes a tensor of the dtype only by a copy");
        Py_CLEAR(source);
    } else if (converts || (copied && !fresh)) {
        PyObject *result = converts ? tensor_cast(state, source, code) : unary(state, source, tw_copy);
        Py_DECREF(source);
        return result;
    }
    return source;
}

typedef tw_tensor *(*ConstantOp)(tw_scope *, const int64_t *, int64_t, tw_dtype);

static PyObject *constant(PyObject *module, PyObject *args, PyObject *kwargs, ConstantOp op) {
    static char *names[] = {"shape", "dtype", "requires_grad", "device", NULL};
    State *state = module_state(module);
    PyObject *shape, *dtype = Py_None, *device = Py_None;
    int required = 0;
    Sizes sizes;
    tw_dtype code;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|Op$O", names, &shape, &dtype, &required, &device)) return NULL;
    if (sizes_from(shape, "size", &sizes) < 0 || dtype_or(state, dtype, TW_FLOAT64, &code) < 0 ||
        device_check(device) < 0)
        return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, sizes.values, sizes.rank, code))
    PyObject *result = tensor_wrap(state, handle);
    if (result && required && check(state, tw_tensor_set_requires_grad(handle, true)) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *create_zeros(PyObject *module, PyObject *args, PyObject *kwargs) {
    return constant(module, args, kwargs, tw_zeros);
}

static PyObject *create_ones(PyObject *module, PyObject *args, PyObject *kwargs) {
    return constant(module, args, kwargs, tw_ones);
}

/* A whole number that a double may not have. */
static PyObject *repeated(State *state, PyObject *number, tw_dtype dtype, const Sizes *sizes) {
    PyObject *scalar = tensor_from(state, number, &dtype, NULL);
    if (!scalar) return NULL;
    tw_tensor *wide, *handle = NULL;
    UNLOCKED(wide = tw_broadcast_to(NULL, TENSOR(scalar), sizes->values, sizes->rank))
    if (wide) {
        UNLOCKED(handle = tw_copy(NULL, wide))
        tw_release(wide);
    }
    Py_DECREF(scalar);
    return tensor_wrap(state, handle);
}

static PyObject *create_full(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"shape", "fill_value", "dtype", "device", NULL};
    State *state = module_state(module);
    PyObject *shape, *value, *dtype = Py_None, *device = Py_None;
    Sizes sizes;
    tw_dtype code;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|O$O:full", names, &shape, &value, &dtype, &device)) return NULL;
    tw_dtype natural = PyBool_Check(value) ? TW_BOOL : PyLong_Check(value) ? TW_INT64 : TW_FLOAT64;
    if (sizes_from(shape, "size", &sizes) < 0 || dtype_or(state, dtype, natural, &code) < 0 ||
        device_check(device) < 0)
        return NULL;
    if (PyLong_Check(value) && (code == TW_INT64 || code == TW_UINT64)) return repeated(state, value, code, &sizes);
    double number = PyFloat_AsDouble(value);
    if (number == -1 && PyErr_Occurred()) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_full(NULL, sizes.values, sizes.rank, number, code))
    return tensor_wrap(state, handle);
}

static bool fits_int64(PyObject *number, int64_t *value) {
    int overflow;
    *value = PyLong_AsLongLongAndOverflow(number, &overflow);
    return !overflow;
}

/* arange(stop), arange(start, stop), arange(start, stop, step): int64 of integers, else float64. */
static PyObject *create_arange(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "stop", "step", "dtype", "device", NULL};
    State *state = module_state(module);
    PyObject *start, *stop = Py_None, *step = Py_None, *dtype = Py_None, *device = Py_None;
    tw_dtype code;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OOO$O:arange", names, &start, &stop, &step, &dtype, &device) ||
        device_check(device) < 0)
        return NULL;
    PyObject *given[] = {start, stop, step};
    double values[] = {0, 0, 1};
    int64_t integers[] = {0, 0, 1};
    bool whole = true, exact = true;
    for (int i = 0; i < 3; ++i) {
        if (given[i] == Py_None) continue;
        whole &= PyIndex_Check(given[i]);
        exact = exact && PyLong_Check(given[i]) && fits_int64(given[i], &integers[i]);
        values[i] = PyFloat_AsDouble(given[i]);
        if (values[i] == -1 && PyErr_Occurred()) return NULL;
    }
    if (stop == Py_None) {
        values[1] = values[0];
        values[0] = 0;
        integers[1] = integers[0];
        integers[0] = 0;
    }
    if (dtype_or(state, dtype, whole ? TW_INT64 : TW_FLOAT64, &code) < 0) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = exact ? tw_arange_int64(NULL, integers[0], integers[1], integers[2], code)
                            : tw_arange(NULL, values[0], values[1], values[2], code))
    return tensor_wrap(state, handle);
}

/* Without the end point: one value more, and the last left off. */
static PyObject *create_linspace(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"start", "stop", "num", "dtype", "device", "endpoint", NULL};
    State *state = module_state(module);
    double start, stop;
    int64_t count;
    PyObject *dtype = Py_None, *device = Py_None;
    int endpoint = 1;
    tw_dtype code;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "ddO&|O$Op:linspace", names, &start, &stop, to_int64, &count, &dtype,
                                     &device, &endpoint))
        return NULL;
    if (dtype_or(state, dtype, TW_FLOAT64, &code) < 0 || device_check(device) < 0) return NULL;
    bool extended = !endpoint && count >= 0 && count < INT64_MAX;
    tw_tensor *handle;
    UNLOCKED(handle = tw_linspace(NULL, start, stop, count + extended, code))
    if (handle && extended) {
        tw_tensor *whole = handle;
        handle = tw_slice(NULL, whole, 0, 0, count, 1);
        tw_release(whole);
    }
    return tensor_wrap(state, handle);
}

/* The number of a diagonal: beyond all of them where it does not fit 64 bits. */
static int to_diagonal(PyObject *object, void *value) {
    int overflow;
    PyObject *index = PyNumber_Index(object);
    if (!index) return 0;
    long long k = PyLong_AsLongLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    *(int64_t *)value = overflow > 0 ? INT64_MAX : overflow < 0 ? INT64_MIN : k;
    return 1;
}

/* The main diagonal of what lies beside, or below, a strip of zeros. */
static tw_tensor *shifted_eye(int64_t rows, int64_t columns, int64_t k, tw_dtype dtype) {
    int64_t *shrunk = k > 0 ? &columns : &rows, strip[] = {rows, columns};
    int64_t width = k > 0 ? k : k == INT64_MIN ? INT64_MAX : -k;
    if (width > *shrunk) width = *shrunk;
    strip[k > 0] = width;
    *shrunk -= width;
    tw_tensor *parts[] = {tw_zeros(NULL, strip, 2, dtype), tw_eye(NULL, rows, columns, dtype)};
    tw_tensor *result = NULL;
    if (parts[0] && parts[1]) result = tw_concatenate(NULL, (const tw_tensor *const *)parts, 2, k > 0);
    tw_release(parts[0]);
    tw_release(parts[1]);
    return result;
}

static PyObject *create_eye(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "", "k", "dtype", "device", NULL};
    State *state = module_state(module);
    int64_t rows, width, k = 0;
    PyObject *columns = Py_None, *dtype = Py_None, *device = Py_None;
    tw_dtype code;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|O$O&OO:eye", names, to_int64, &rows, &columns, to_diagonal, &k,
                                     &dtype, &device))
        return NULL;
    width = rows;
    if (columns != Py_None && int64_from(columns, "columns", &width) < 0) return NULL;
    if (dtype_or(state, dtype, TW_FLOAT64, &code) < 0 || device_check(device) < 0) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = k == 0 || rows < 0 || width < 0 ? tw_eye(NULL, rows, width, code)
                                                      : shifted_eye(rows, width, k, code))
    return tensor_wrap(state, handle);
}

typedef tw_tensor *(*RandomOp)(tw_scope *, tw_generator *, const int64_t *, int64_t, double, double, tw_dtype);

static PyObject *random_numbers(PyObject *module, PyObject *args, RandomOp op) {
    State *state = module_state(module);
    PyObject *shape, *dtype, *source;
    double first, second;
    Sizes sizes;
    tw_dtype code;
    tw_generator *generator;
    if (!PyArg_ParseTuple(args, "OddOO", &shape, &first, &second, &dtype, &source)) return NULL;
    if (sizes_from(shape, "size", &sizes) < 0 || dtype_or(state, dtype, TW_FLOAT64, &code) < 0 ||
        generator_from(state, source, &generator) < 0)
        return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, generator, sizes.values, sizes.rank, first, second, code))
    return tensor_wrap(state, handle);
}

static PyObject *create_random_normal(PyObject *module, PyObject *args) {
    return random_numbers(module, args, tw_random_normal);
}

static PyObject *create_random_uniform(PyObject *module, PyObject *args) {
    return random_numbers(module, args, tw_random_uniform);
}

static PyObject *create_random_permutation(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    int64_t count;
    PyObject *source;
    tw_generator *generator;
    if (!PyArg_ParseTuple(args, "O&O", to_int64, &count, &source) || generator_from(state, source, &generator) < 0)
        return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_random_permutation(NULL, generator, count))
    return tensor_wrap(state, handle);
}

PyMethodDef create_functions[] = {
    {"tensor", METHOD_KEYWORDS(create_tensor),
     "tensor(data, dtype=None, requires_grad=False)\n--\n\n"
     "A tensor with a copy of numbers, nested lists, a NumPy array or a tensor, off the tape.\n"
     "Without `dtype`: the array's, or of Python's numbers bool, int64 or float64."},
    {"asarray", METHOD_KEYWORDS(create_asarray),
     "asarray(obj, /, dtype=None, *, device=None, copy=None)\n--\n\n"
     "A tensor over the memory of a writable NumPy array (or other buffer) of any strides,\n"
     "where its dtype is one of Talweg's and the one asked for; else a copy. A tensor of\n"
     "that dtype is given back as it is. `copy`: True for memory of its own, False for\n"
     "ValueError where a copy would be needed."},
    {"empty", METHOD_KEYWORDS(create_zeros),
     "empty(shape, dtype=None, requires_grad=False, *, device=None)\n--\n\n"
     "As zeros: elements that nothing wrote are never shown."},
    {"zeros", METHOD_KEYWORDS(create_zeros),
     "zeros(shape, dtype=None, requires_grad=False, *, device=None)\n--\n\nZeros; float64 by default."},
    {"ones", METHOD_KEYWORDS(create_ones),
     "ones(shape, dtype=None, requires_grad=False, *, device=None)\n--\n\nOnes; float64 by default."},
    {"full", METHOD_KEYWORDS(create_full),
     "full(shape, fill_value, dtype=None, *, device=None)\n--\n\n"
     "Every element `fill_value`; ValueError if the dtype cannot hold it."},
    {"arange", METHOD_KEYWORDS(create_arange),
     "arange(start, /, stop=None, step=1, dtype=None, *, device=None)\n--\n\n"
     "start, start + step, ... up to but without stop; arange(stop) starts at 0. int64 of\n"
     "integers, else float64."},
    {"linspace", METHOD_KEYWORDS(create_linspace),
     "linspace(start, stop, num, dtype=None, *, device=None, endpoint=True)\n--\n\n"
     "`num` evenly spaced values from start to stop, which is the last, or, without the end\n"
     "point, would be the next."},
    {"eye", METHOD_KEYWORDS(create_eye),
     "eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None)\n--\n\n"
     "n_rows x n_cols (square by default) with ones on diagonal k: 0 is the main one, above it\n"
     "k is positive."},
    {"random_normal", create_random_normal, METH_VARARGS,
     "random_normal(shape, mean, std, dtype, generator, /)\n--\n\nAs talweg.random.normal."},
    {"random_uniform", create_random_uniform, METH_VARARGS,
     "random_uniform(shape, low, high, dtype, generator, /)\n--\n\nAs talweg.random.uniform."},
    {"random_permutation", create_random_permutation, METH_VARARGS,
     "random_permutation(count, generator, /)\n--\n\nAs talweg.random.permutation."},
    {0},
};
