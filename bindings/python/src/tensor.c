/* talweg.Tensor and talweg.nn.Parameter: the types, their attributes. */
#include "talweg_python.h"

static PyObject *wrap(PyTypeObject *type, State *state, tw_tensor *handle) {
    if (!handle) return raise_last(state);
    TensorObject *self = PyObject_New(TensorObject, type);
    if (self) self->handle = handle;
    else tw_release(handle);
    return (PyObject *)self;
}

PyObject *tensor_wrap(State *state, tw_tensor *handle) {
    return wrap(state->tensor_type, state, handle);
}

PyObject *parameter_wrap(State *state, tw_tensor *handle) {
    return wrap(state->parameter_type, state, handle);
}

bool is_tensor(State *state, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    return type == state->tensor_type || type == state->parameter_type;
}

static void tensor_dealloc(PyObject *self) {
    tw_release(TENSOR(self));
    object_free(self);
}

/* The tape does not move with NumPy's operators: theirs give way to ours. */
static PyObject *get_array_priority(PyObject *self, void *unused) {
    (void)self;
    (void)unused;
    return PyFloat_FromDouble(1000);
}

static PyObject *sizes_tuple(const int64_t *values, int64_t count, int64_t unit) {
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (int64_t i = 0; tuple && i < count; ++i) {
        PyObject *value = PyLong_FromLongLong(values[i] * unit);
        if (!value || PyTuple_SetItem(tuple, (Py_ssize_t)i, value) < 0) Py_CLEAR(tuple);
    }
    return tuple;
}

static PyObject *get_shape(PyObject *self, void *unused) {
    (void)unused;
    Sizes shape;
    if (tensor_shape(object_state(self), TENSOR(self), &shape) < 0) return NULL;
    return sizes_tuple(shape.values, shape.rank, 1);
}

static PyObject *get_dtype(PyObject *self, void *unused) {
    (void)unused;
    State *state = object_state(self);
    tw_dtype dtype;
    if (check(state, tw_tensor_dtype(TENSOR(self), &dtype)) < 0) return NULL;
    return dtype_object(state, dtype);
}

static PyObject *get_strides(PyObject *self, void *unused) {
    (void)unused;
    State *state = object_state(self);
    int64_t strides[TW_MAX_RANK], rank;
    tw_dtype dtype;
    if (check(state, tw_tensor_rank(TENSOR(self), &rank)) < 0 ||
        check(state, tw_tensor_dtype(TENSOR(self), &dtype)) < 0 ||
        check(state, tw_tensor_strides(TENSOR(self), strides, TW_MAX_RANK)) < 0)
        return NULL;
    return sizes_tuple(strides, rank, (int64_t)tw_dtype_size(dtype));
}

static PyObject *get_ndim(PyObject *self, void *unused) {
    (void)unused;
    int64_t rank;
    if (check(object_state(self), tw_tensor_rank(TENSOR(self), &rank)) < 0) return NULL;
    return PyLong_FromLongLong(rank);
}

static PyObject *get_size(PyObject *self, void *unused) {
    (void)unused;
    int64_t count;
    if (check(object_state(self), tw_tensor_count(TENSOR(self), &count)) < 0) return NULL;
    return PyLong_FromLongLong(count);
}

static PyObject *get_T(PyObject *self, void *unused) {
    (void)unused;
    State *state = object_state(self);
    Sizes shape;
    int64_t axes[TW_MAX_RANK];
    if (tensor_shape(state, TENSOR(self), &shape) < 0) return NULL;
    for (int64_t i = 0; i < shape.rank; ++i) axes[i] = shape.rank - 1 - i;
    return tensor_wrap(state, tw_permute(NULL, TENSOR(self), axes, shape.rank));
}

static PyObject *get_mT(PyObject *self, void *unused) {
    (void)unused;
    return tensor_wrap(object_state(self), tw_transpose(NULL, TENSOR(self), -2, -1));
}

static PyObject *tensor_numpy(PyObject *self, PyObject *unused) {
    (void)unused;
    PyObject *asarray = numpy_get(object_state(self), "asarray");
    if (!asarray) return NULL;
    PyObject *array = PyObject_CallFunctionObjArgs(asarray, self, NULL);
    Py_DECREF(asarray);
    return array;
}

static bool is_bfloat16(PyObject *tensor) {
    tw_dtype dtype;
    return tw_tensor_dtype(TENSOR(tensor), &dtype) == TW_OK && dtype == TW_BFLOAT16;
}

/* A copy through float32, as the dtype of the package ml_dtypes unless another is asked for: NumPy knows no
   other bfloat16, and buffers none. */
static PyObject *bfloat16_array(State *state, PyObject *self, PyObject *dtype, PyObject *copy) {
    if (copy == Py_False) {
        PyErr_SetString(PyExc_ValueError, "a bfloat16 tensor becomes a NumPy array only by a copy");
        return NULL;
    }
    PyObject *wide = tensor_cast(state, self, TW_FLOAT32);
    PyObject *array = wide ? tensor_numpy(wide, NULL) : NULL;
    PyObject *target = !array          ? NULL
                       : dtype == Py_None ? PyObject_GetAttrString(dtype_object(state, TW_BFLOAT16), "dtype")
                                          : Py_NewRef(dtype);
    PyObject *result = target ? PyObject_CallMethod(array, "astype", "O", target) : NULL;
    Py_XDECREF(wide);
    Py_XDECREF(array);
    Py_XDECREF(target);
    return result;
}

static PyObject *tensor_array(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"dtype", "copy", NULL};
    PyObject *dtype = Py_None, *copy = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO:__array__", names, &dtype, &copy)) return NULL;
    if (is_bfloat16(self)) return bfloat16_array(object_state(self), self, dtype, copy);
    PyObject *make = numpy_get(object_state(self), copy == Py_None ? "asarray" : "array");
    PyObject *view = make ? PyMemoryView_FromObject(self) : NULL;
    PyObject *positional = view ? PyTuple_Pack(2, view, dtype) : NULL;
    PyObject *keywords = copy == Py_None ? NULL : Py_BuildValue("{sO}", "copy", copy);
    PyObject *array = positional && !PyErr_Occurred() ? PyObject_Call(make, positional, keywords) : NULL;
    Py_XDECREF(make);
    Py_XDECREF(view);
    Py_XDECREF(positional);
    Py_XDECREF(keywords);
    return array;
}

static PyObject *tensor_tolist(PyObject *self, PyObject *unused) {
    PyObject *exact = is_bfloat16(self) ? tensor_cast(object_state(self), self, TW_FLOAT32) : Py_NewRef(self);
    PyObject *array = exact ? tensor_numpy(exact, unused) : NULL;
    Py_XDECREF(exact);
    PyObject *list = array ? PyObject_CallMethod(array, "tolist", NULL) : NULL;
    Py_XDECREF(array);
    return list;
}

static PyObject *tensor_copy(PyObject *self, PyObject *unused) {
    (void)unused;
    return unary(object_state(self), self, tw_copy);
}

static PyObject *tensor_contiguous(PyObject *self, PyObject *unused) {
    (void)unused;
    return unary(object_state(self), self, tw_contiguous);
}

static PyObject *tensor_to(PyObject *self, PyObject *dtype) {
    State *state = object_state(self);
    tw_dtype code;
    if (dtype_from(state, dtype, &code) < 0) return NULL;
    return tensor_cast(state, self, code);
}

static PyObject *tensor_astype(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "copy", NULL};
    PyObject *dtype;
    int copy = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|p:astype", names, &dtype, &copy)) return NULL;
    PyObject *result = tensor_to(self, dtype);
    if (result != self || !copy) return result;
    Py_DECREF(result);
    return unary(object_state(self), self, tw_copy);
}

/* Unlike tensor[...] = source also of a leaf that requires a gradient. */
static PyObject *tensor_assign(PyObject *self, PyObject *object) {
    State *state = object_state(self);
    PyObject *source = written_from(state, object, TENSOR(self));
    if (!source) return NULL;
    tw_status status;
    UNLOCKED(status = tw_tensor_assign(TENSOR(self), TENSOR(source)))
    Py_DECREF(source);
    return check(state, status) < 0 ? NULL : Py_NewRef(Py_None);
}

/* By identity, since == goes element by element. */
static Py_hash_t tensor_hash(PyObject *self) {
    return (Py_hash_t)((uintptr_t)self >> 4);
}

static PyObject *parameter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"data", "requires_grad", NULL};
    PyObject *data;
    int required = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|p:Parameter", names, &data, &required)) return NULL;
    PyObject *module = PyType_GetModule(type);
    if (!module) return NULL;
    State *state = module_state(module);
    bool fresh;
    PyObject *source = tensor_from(state, data, NULL, &fresh);
    if (!source) return NULL;
    /* Of a tensor the elements are shared; of an array they are copied. */
    UnaryOp take = fresh || source == data ? tw_detach : tw_copy;
    tw_tensor *handle;
    UNLOCKED(handle = take(NULL, TENSOR(source)))
    Py_DECREF(source);
    PyObject *self = parameter_wrap(state, handle);
    if (self && check(state, tw_tensor_set_requires_grad(handle, required)) < 0) Py_CLEAR(self);
    return self;
}

static PyGetSetDef getset[] = {
    {"shape", get_shape, NULL, "The sizes, as a tuple.", NULL},
    {"strides", get_strides, NULL, "Bytes from an element to the next along each axis, as in NumPy.", NULL},
    {"dtype", get_dtype, NULL, "The element type.", NULL},
    {"device", tensor_get_device, NULL, "Where the elements lie: always 'cpu'.", NULL},
    {"ndim", get_ndim, NULL, "The number of axes.", NULL},
    {"size", get_size, NULL, "The number of elements.", NULL},
    {"T", get_T, NULL, "A view with the axes reversed.", NULL},
    {"mT", get_mT, NULL, "A view with the last two axes swapped.", NULL},
    {"grad", tensor_get_grad, tensor_set_grad, "The gradient that a leaf has gathered, or None. Settable.", NULL},
    {"requires_grad", tensor_get_requires_grad, tensor_set_requires_grad,
     "Whether operations on the tensor are recorded. Settable on leaves of a floating dtype.", NULL},
    {"is_leaf", tensor_get_is_leaf, NULL, "Whether the tensor is no result of a recorded operation.", NULL},
    {"__array_priority__", get_array_priority, NULL, NULL, NULL},
    {0},
};

#define UNARY_ROW(name, doc) {#name, method_##name, METH_NOARGS, #name "($self, /)\n--\n\n" doc},
#define REDUCTION_ROW(name, doc) \
    {#name, METHOD_KEYWORDS(method_##name), #name "($self, /, axis=None, keepdims=False)\n--\n\n" doc},
#define TOTAL_ROW(name, doc) \
    {#name, METHOD_KEYWORDS(method_##name), #name "($self, /, axis=None, keepdims=False, *, dtype=None)\n--\n\n" doc},
#define SHAPE_ROW(name, doc) {#name, method_##name, METH_VARARGS, #name "($self, /, *sizes)\n--\n\n" doc},

static PyMethodDef methods[] = {
    UNARY_OPS(UNARY_ROW)
    REDUCTIONS(REDUCTION_ROW)
    TOTALS(TOTAL_ROW)
    SHAPE_METHODS(SHAPE_ROW)
    {"var", METHOD_KEYWORDS(method_var),
     "var($self, /, axis=None, keepdims=False, correction=0)\n--\n\n"
     "Variances: squared deviations over (count - correction)."},
    {"std", METHOD_KEYWORDS(method_std),
     "std($self, /, axis=None, keepdims=False, correction=0)\n--\n\nStandard deviations: the roots of var."},
    {"argmax", METHOD_KEYWORDS(method_argmax),
     "argmax($self, /, axis=None, keepdims=False)\n--\n\nThe position of the largest, as int64; of all elements without axis."},
    {"argmin", METHOD_KEYWORDS(method_argmin),
     "argmin($self, /, axis=None, keepdims=False)\n--\n\nThe position of the smallest, as int64; of all elements without axis."},
    {"backward", METHOD_KEYWORDS(tensor_backward),
     "backward($self, /, gradient=None, *, retain_graph=False, create_graph=False)\n--\n\n"
     "Adds to every leaf the gradient of this tensor by that leaf. Without `gradient`\n"
     "(of this shape) the tensor has one element."},
    {"zero_grad", tensor_zero_grad, METH_NOARGS, "zero_grad($self, /)\n--\n\nClears the gradient."},
    {"detach", tensor_detach, METH_NOARGS, "detach($self, /)\n--\n\nThe same elements without the tape."},
    {"register_hook", tensor_register_hook, METH_O,
     "register_hook($self, hook, /)\n--\n\n"
     "Has hook(gradient) called with this tensor's gradient whenever a backward pass has all of it;\n"
     "a tensor that it gives takes the gradient's place. Gives a handle with remove()."},
    {"remove_hook", tensor_remove_hook, METH_O,
     "remove_hook($self, number, /)\n--\n\nRemoves a hook by its handle's number."},
    {"numpy", tensor_numpy, METH_NOARGS,
     "numpy($self, /)\n--\n\nA NumPy array over the same memory; read-only if the tensor requires a gradient\n"
     "(then use detach().numpy() to write). Of bfloat16 a copy, by the package ml_dtypes."},
    {"__array__", METHOD_KEYWORDS(tensor_array), "__array__($self, /, dtype=None, copy=None)\n--\n\n"},
    {"__array_namespace__", METHOD_KEYWORDS(tensor_array_namespace),
     "__array_namespace__($self, /, *, api_version=None)\n--\n\nThe module talweg: an array API namespace."},
    {"__complex__", tensor_complex, METH_NOARGS, "__complex__($self, /)\n--\n\n"},
    {"__dlpack__", METHOD_KEYWORDS(tensor_dlpack),
     "__dlpack__($self, /, *, stream=None, max_version=None, dl_device=None, copy=None)\n--\n\n"
     "The elements for another library, without a copy unless one is asked for. BufferError if\n"
     "the tensor requires a gradient."},
    {"__dlpack_device__", tensor_dlpack_device, METH_NOARGS,
     "__dlpack_device__($self, /)\n--\n\nThe device as DLPack numbers it: (1, 0), the processor."},
    {"__reduce_ex__", tensor_reduce, METH_O, "__reduce_ex__($self, protocol, /)\n--\n\n"},
    {"tobytes", tensor_tobytes, METH_NOARGS, "tobytes($self, /)\n--\n\nThe elements in row-major order, as bytes."},
    {"to_device", METHOD_KEYWORDS(tensor_to_device),
     "to_device($self, device, /, *, stream=None)\n--\n\nThe tensor itself: the only device is 'cpu'."},
    {"item", tensor_item, METH_NOARGS, "item($self, /)\n--\n\nThe only element, as a Python number."},
    {"tolist", tensor_tolist, METH_NOARGS, "tolist($self, /)\n--\n\nNested lists of Python numbers."},
    {"copy", tensor_copy, METH_NOARGS, "copy($self, /)\n--\n\nA row-major copy; the gradient passes through."},
    {"contiguous", tensor_contiguous, METH_NOARGS,
     "contiguous($self, /)\n--\n\nThe tensor itself if it is row-major, else a row-major copy."},
    {"astype", METHOD_KEYWORDS(tensor_astype),
     "astype($self, dtype, /, copy=True)\n--\n\n"
     "The elements converted; floating to integer truncates and saturates. Without `copy` a\n"
     "tensor of that dtype is given back as it is."},
    {"to", tensor_to, METH_O, "to($self, dtype, /)\n--\n\nAs astype(dtype, copy=False)."},
    {"assign", tensor_assign, METH_O,
     "assign($self, source, /)\n--\n\nOverwrites the elements with those of source, broadcast and converted, in place\n"
     "and without a gradient."},
    {0},
};

static PyType_Slot tensor_slots[] = {
    {Py_tp_doc, "An n-dimensional array of one element type, on the tape if it requires a gradient.\n\n"
                "Made by talweg.tensor, talweg.asarray and every operation. Follows NumPy: shapes\n"
                "broadcast, dtypes promote, slices are views."},
    {Py_tp_dealloc, tensor_dealloc},
    {Py_tp_repr, tensor_repr},
    {Py_tp_str, tensor_str},
    {Py_tp_hash, tensor_hash},
    {Py_tp_richcompare, number_compare},
    {Py_tp_getset, getset},
    {Py_tp_methods, methods},
    {Py_bf_getbuffer, tensor_getbuffer},
    {Py_bf_releasebuffer, tensor_releasebuffer},
    {Py_mp_length, tensor_length},
    {Py_mp_subscript, tensor_get},
    {Py_mp_ass_subscript, tensor_set},
    {Py_sq_item, tensor_get_position},
    {Py_nb_add, number_add},
    {Py_nb_subtract, number_subtract},
    {Py_nb_multiply, number_multiply},
    {Py_nb_true_divide, number_divide},
    {Py_nb_floor_divide, number_floor_divide},
    {Py_nb_remainder, number_remainder},
    {Py_nb_power, number_power},
    {Py_nb_matrix_multiply, number_matmul},
    {Py_nb_and, number_and},
    {Py_nb_or, number_or},
    {Py_nb_xor, number_xor},
    {Py_nb_inplace_add, number_inplace_add},
    {Py_nb_inplace_subtract, number_inplace_subtract},
    {Py_nb_inplace_multiply, number_inplace_multiply},
    {Py_nb_inplace_true_divide, number_inplace_divide},
    {Py_nb_inplace_floor_divide, number_inplace_floor_divide},
    {Py_nb_inplace_remainder, number_inplace_remainder},
    {Py_nb_inplace_power, number_inplace_power},
    {Py_nb_inplace_matrix_multiply, number_inplace_matmul},
    {Py_nb_inplace_and, number_inplace_and},
    {Py_nb_inplace_or, number_inplace_or},
    {Py_nb_inplace_xor, number_inplace_xor},
    {Py_nb_inplace_lshift, number_inplace_left_shift},
    {Py_nb_inplace_rshift, number_inplace_right_shift},
    {Py_nb_negative, number_negative},
    {Py_nb_positive, number_positive},
    {Py_nb_absolute, number_absolute},
    {Py_nb_invert, number_invert},
    {Py_nb_lshift, number_left_shift},
    {Py_nb_rshift, number_right_shift},
    {Py_nb_bool, number_bool},
    {Py_nb_int, number_int},
    {Py_nb_index, number_index},
    {Py_nb_float, number_float},
    {0},
};

static PyType_Spec tensor_spec = {"talweg.Tensor", sizeof(TensorObject), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                  tensor_slots};

static PyType_Slot parameter_slots[] = {
    {Py_tp_doc, "Parameter(data, requires_grad=True)\n--\n\nA tensor that a Module registers when it is set as an attribute.\n"
                "Shares the elements of a tensor, copies those of an array."},
    {Py_tp_new, parameter_new},
    {0},
};

static PyType_Spec parameter_spec = {"talweg.nn.Parameter", sizeof(TensorObject), 0, Py_TPFLAGS_DEFAULT,
                                     parameter_slots};

int tensor_types_add(PyObject *module, State *state) {
    if (type_add(module, &tensor_spec, NULL, &state->tensor_type) < 0) return -1;
    return type_add(module, &parameter_spec, state->tensor_type, &state->parameter_type);
}
