/* Element-wise ops, reductions and products, as the tables of ops_table.h name them. */
#include "talweg_python.h"

PyObject *unary(State *state, PyObject *object, UnaryOp op) {
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(x)))
    PyObject *result = tensor_wrap(state, handle);
    Py_DECREF(x);
    return result;
}

#define UNARY_FUNCTION(name, doc) \
    static PyObject *function_##name(PyObject *module, PyObject *x) { \
        return unary(module_state(module), x, tw_##name); \
    } \
    PyObject *method_##name(PyObject *self, PyObject *unused) { \
        (void)unused; \
        return unary(object_state(self), self, tw_##name); \
    }
UNARY_OPS(UNARY_FUNCTION)

static PyObject *binary_function(PyObject *module, PyObject *args, BinaryOp op, ScalarOp scalar_op) {
    PyObject *a, *b;
    if (!PyArg_UnpackTuple(args, "op", 2, 2, &a, &b)) return NULL;
    PyObject *result = binary(module_state(module), a, b, op, scalar_op);
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
    PyErr_Format(PyExc_TypeError, "operands are tensors, arrays or numbers, not %R and %R", Py_TYPE(a), Py_TYPE(b));
    return NULL;
}

#define BINARY_FUNCTION(name, scalar_op, doc) \
    static PyObject *function_##name(PyObject *module, PyObject *args) { \
        return binary_function(module, args, tw_##name, scalar_op); \
    }
BINARY_OPS(BINARY_FUNCTION)

static PyObject *function_where(PyObject *module, PyObject *args) {
    State *state = module_state(module);
    PyObject *condition, *a, *b, *result = NULL;
    if (!PyArg_UnpackTuple(args, "where", 3, 3, &condition, &a, &b)) return NULL;
    PyObject *c = tensor_from(state, condition, NULL, NULL);
    PyObject *x = NULL, *y = NULL;
    tw_dtype dtype;
    if (c && is_number(a) && !is_number(b)) {
        if ((y = tensor_from(state, b, NULL, NULL)) && check(state, tw_tensor_dtype(TENSOR(y), &dtype)) == 0)
            x = number_beside(state, a, dtype);
    } else if (c && (x = tensor_from(state, a, NULL, NULL)) && check(state, tw_tensor_dtype(TENSOR(x), &dtype)) == 0) {
        y = is_number(b) && !is_number(a) ? number_beside(state, b, dtype) : tensor_from(state, b, NULL, NULL);
    }
    if (x && y) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_where(NULL, TENSOR(c), TENSOR(x), TENSOR(y)))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(c);
    Py_XDECREF(x);
    Py_XDECREF(y);
    return result;
}

/* A bound of clip: NULL for none. A whole number that an integer dtype cannot hold gives way to the nearest that it
   can, as it bounds the same. */
static int bound_from(State *state, PyObject *object, tw_dtype dtype, PyObject **bound) {
    *bound = NULL;
    if (object == Py_None) return 0;
    if (!is_number(object)) return (*bound = tensor_from(state, object, NULL, NULL)) ? 0 : -1;
    PyObject *number = Py_NewRef(object);
    if (PyLong_Check(object) && !PyBool_Check(object) && !dtype_is_floating(dtype) && dtype != TW_BOOL) {
        int bits = 8 * (int)tw_dtype_size(dtype);
        bool is_signed = tw_dtype_name(dtype)[0] != 'u';
        uint64_t most = UINT64_MAX >> (64 - bits + is_signed);
        PyObject *greatest = PyLong_FromUnsignedLongLong(most);
        PyObject *least = PyLong_FromLongLong(is_signed ? -(int64_t)most - 1 : 0);
        int above = greatest ? PyObject_RichCompareBool(object, greatest, Py_GT) : -1;
        int below = least ? PyObject_RichCompareBool(object, least, Py_LT) : -1;
        Py_DECREF(number);
        number = above < 0 || below < 0 ? NULL : Py_NewRef(above ? greatest : below ? least : object);
        Py_XDECREF(greatest);
        Py_XDECREF(least);
    }
    if (number) *bound = number_beside(state, number, dtype);
    Py_XDECREF(number);
    return *bound ? 0 : -1;
}

static PyObject *function_clip(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "min", "max", NULL};
    State *state = module_state(module);
    PyObject *object, *min = Py_None, *max = Py_None, *low = NULL, *high = NULL, *result = NULL;
    tw_dtype dtype;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO:clip", names, &object, &min, &max)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (x && check(state, tw_tensor_dtype(TENSOR(x), &dtype)) == 0 && bound_from(state, min, dtype, &low) == 0 &&
        bound_from(state, max, dtype, &high) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_clip(NULL, TENSOR(x), low ? TENSOR(low) : NULL, high ? TENSOR(high) : NULL))
        result = tensor_wrap(state, handle);
    }
    Py_XDECREF(x);
    Py_XDECREF(low);
    Py_XDECREF(high);
    return result;
}

/* The tw_activation of a name, or of None; -1 with an exception. */
static int activation_from(PyObject *name) {
    static const char *const names[] = {"relu", "gelu", "tanh", "sigmoid"};
    if (name == Py_None) return TW_ACTIVATION_IDENTITY;
    for (int i = 0; i < 4 && PyUnicode_Check(name); ++i)
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0) return TW_ACTIVATION_RELU + i;
    PyErr_Format(PyExc_ValueError, "linear: activation %R is none of None, 'relu', 'gelu', 'tanh', 'sigmoid'", name);
    return -1;
}

static PyObject *function_linear(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "weight", "bias", "activation", NULL};
    State *state = module_state(module);
    PyObject *x, *weight, *bias = Py_None, *name = Py_None, *result = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO|OO:linear", names, &x, &weight, &bias, &name)) return NULL;
    int activation = activation_from(name);
    PyObject *input = activation >= 0 ? tensor_from(state, x, NULL, NULL) : NULL;
    PyObject *matrix = input ? tensor_from(state, weight, NULL, NULL) : NULL;
    PyObject *shift;
    if (matrix && tensor_or_none(state, bias, &shift) == 0) {
        tw_tensor *handle;
        UNLOCKED(handle = tw_linear_activation(NULL, TENSOR(input), TENSOR(matrix), shift ? TENSOR(shift) : NULL,
                                               (tw_activation)activation))
        result = tensor_wrap(state, handle);
        Py_XDECREF(shift);
    }
    Py_XDECREF(input);
    Py_XDECREF(matrix);
    return result;
}

static PyObject *along_axis(PyObject *module, PyObject *args, PyObject *kwargs, const char *format,
                            tw_tensor *(*op)(tw_scope *, const tw_tensor *, int64_t)) {
    static char *names[] = {"x", "axis", NULL};
    State *state = module_state(module);
    PyObject *object;
    int64_t axis = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &object, to_int64, &axis)) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = op(NULL, TENSOR(x), axis))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

static PyObject *function_softmax(PyObject *module, PyObject *args, PyObject *kwargs) {
    return along_axis(module, args, kwargs, "O|O&:softmax", tw_softmax);
}

static PyObject *function_log_softmax(PyObject *module, PyObject *args, PyObject *kwargs) {
    return along_axis(module, args, kwargs, "O|O&:log_softmax", tw_log_softmax);
}

static PyObject *function_dropout(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"x", "p", "generator", NULL};
    State *state = module_state(module);
    PyObject *object, *source = Py_None;
    double p = 0.5;
    tw_generator *generator;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|dO:dropout", names, &object, &p, &source)) return NULL;
    if (generator_from(state, source, &generator) < 0) return NULL;
    PyObject *x = tensor_from(state, object, NULL, NULL);
    if (!x) return NULL;
    tw_tensor *handle;
    UNLOCKED(handle = tw_dropout(NULL, generator, TENSOR(x), p))
    Py_DECREF(x);
    return tensor_wrap(state, handle);
}

#define UNARY_ROW(name, doc) {#name, function_##name, METH_O, #name "(x, /)\n--\n\n" doc},
#define BINARY_ROW(name, scalar_op, doc) {#name, function_##name, METH_VARARGS, #name "(a, b, /)\n--\n\n" doc},

PyMethodDef ops_functions[] = {
    UNARY_OPS(UNARY_ROW)
    BINARY_OPS(BINARY_ROW)
    {"where", function_where, METH_VARARGS,
     "where(condition, a, b, /)\n--\n\na where condition is true (not 0), else b; all three broadcast."},
    {"clip", METHOD_KEYWORDS(function_clip),
     "clip(x, /, min=None, max=None)\n--\n\n"
     "x, moved to `min` where it is below and then to `max` where it is above; NaN if one of them is."},
    {"linear", METHOD_KEYWORDS(function_linear),
     "linear(x, weight, bias=None, activation=None)\n--\n\n"
     "x [.., in] times weight [out, in] transposed, plus bias [out], then the activation, in one pass: [.., out]."},
    {"softmax", METHOD_KEYWORDS(function_softmax),
     "softmax(x, axis=-1)\n--\n\nexp(x) / sum(exp(x)) along an axis, without overflow."},
    {"log_softmax", METHOD_KEYWORDS(function_log_softmax),
     "log_softmax(x, axis=-1)\n--\n\nx - logsumexp(x) along an axis."},
    {"dropout", METHOD_KEYWORDS(function_dropout),
     "dropout(x, p=0.5, generator=None)\n--\n\nEach element 0 with probability p, else divided by 1 - p."},
    {0},
};
