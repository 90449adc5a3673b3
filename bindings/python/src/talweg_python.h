/* The extension's own declarations: module state, the objects, and what the
   files share. Everything keeps to the limited API of CPython 3.11.

   Conventions: functions that return PyObject * give a new reference, or NULL
   with an exception; functions that return int give 0, or -1 with an exception.
   Tensors are made in the NULL scope, so each Python object owns its handle. */
#ifndef TALWEG_PYTHON_H
#define TALWEG_PYTHON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
#include <talweg.h>

#include "ops_table.h"

/* One more than the greatest code of a dtype; not every code below is one. */
#define DTYPE_CODES 13

typedef struct {
    PyObject *error; /* talweg.TalwegError */
    PyObject *numpy; /* the numpy module, imported when first needed */
    PyTypeObject *dtype_type;
    PyTypeObject *generator_type;
    PyTypeObject *tensor_type;
    PyTypeObject *parameter_type;
    PyTypeObject *module_type;
    PyTypeObject *lstsq_result_type;
    PyTypeObject *glm_result_type;
    PyTypeObject *elastic_net_result_type;
    PyTypeObject *robust_result_type;
    PyTypeObject *constrained_result_type;
    PyTypeObject *total_result_type;
    PyTypeObject *basis_type;
    PyTypeObject *stream_type;
    PyTypeObject *problem_type;
    PyTypeObject *optimizer_type;
    PyTypeObject *schedule_type;
    PyTypeObject *average_type;
    PyTypeObject *loader_type;
    PyTypeObject *key_value_cache_type;
    PyTypeObject *event_writer_type;
    PyObject *dtypes[DTYPE_CODES];
} State;

typedef struct {
    PyObject_HEAD
    tw_dtype code;
} DTypeObject;

typedef struct {
    PyObject_HEAD
    tw_generator *handle;
} GeneratorObject;

typedef struct {
    PyObject_HEAD
    tw_tensor *handle;
} TensorObject;

typedef struct {
    PyObject_HEAD
    tw_module *handle;
} ModuleObject;

typedef struct {
    PyObject_HEAD
    tw_optimizer *handle;
} OptimizerObject;

#define TENSOR(object) (((TensorObject *)(object))->handle)
#define MODULE(object) (((ModuleObject *)(object))->handle)
#define OPTIMIZER(object) (((OptimizerObject *)(object))->handle)

/* module.c */
State *module_state(PyObject *module);
/* The state of the module that defines the object's type or a base of it; NULL,
   without an exception, for a type of another module. */
State *object_state(PyObject *object);
PyObject *numpy_get(State *state, const char *name);

/* errors.c */
PyObject *raise_last(State *state);
int check(State *state, tw_status status);
/* Whether a signal or an earlier callback has set an exception; looks at the
   signals at most every 50 ms. `last` is the time of the last look. */
bool interrupted(double *last);

/* dtype.c */
PyObject *dtype_object(State *state, tw_dtype dtype);
int dtype_from(State *state, PyObject *object, tw_dtype *dtype);
bool dtype_is_floating(tw_dtype dtype);

/* arguments.c */
typedef struct {
    int64_t values[TW_MAX_RANK];
    int64_t rank;
} Sizes;
int int64_from(PyObject *object, const char *what, int64_t *value);
/* Converters for "O&" of PyArg_Parse, into an int64_t and a uint64_t: ValueError
   for what does not fit. */
int to_int64(PyObject *object, void *value);
int to_uint64(PyObject *object, void *value);
int sizes_from(PyObject *object, const char *what, Sizes *sizes);
int tensor_shape(State *state, const tw_tensor *tensor, Sizes *shape);
/* Axes of a reduction: None gives NULL through *axes. */
int axes_from(PyObject *object, Sizes *sizes, const int64_t **axes);
int generator_from(State *state, PyObject *object, tw_generator **generator);
int generator_state_from(PyObject *object, uint64_t *seed, uint64_t *position);
/* The engine's text functions write at most a capacity and tell what they need. */
PyObject *text_from(State *state, tw_status (*write)(const void *, int64_t, char *, size_t, size_t *),
                    const void *object, int64_t index);
/* Tensors of a sequence: an array of handles to free with PyMem_Free, and a
   tuple that keeps them alive. */
int tensors_from(State *state, PyObject *sequence, PyObject **keep, tw_tensor ***handles, Py_ssize_t *count);

/* tensor.c */
PyObject *tensor_wrap(State *state, tw_tensor *handle);
PyObject *parameter_wrap(State *state, tw_tensor *handle);
bool is_tensor(State *state, PyObject *object);
int tensor_types_add(PyObject *module, State *state);

/* tensor_from.c: tensors of NumPy arrays, other buffers, numbers and lists */
bool is_number(PyObject *object);
/* Borrows the memory of what has a writable buffer of a dtype that there is;
   copies from anything else. A tensor is given back as it is. `dtype` may be
   NULL. `fresh` (may be NULL) tells whether nothing else sees the memory. */
PyObject *tensor_from(State *state, PyObject *object, const tw_dtype *dtype, bool *fresh);
PyObject *tensor_cast(State *state, PyObject *tensor, tw_dtype dtype);
/* A 0-d tensor of a Python number that gives way to `dtype`. */
PyObject *number_beside(State *state, PyObject *number, tw_dtype dtype);
int tensor_or_none(State *state, PyObject *object, PyObject **tensor);
/* The numbers of a sequence, to free with PyMem_Free; NULL for None. */
int numbers_from(State *state, PyObject *object, double **values, int64_t *count);
/* Ends a Py_buffer that PyMem_Malloc made. The engine calls it once, perhaps on a thread of its own. */
void buffer_release(void *view);

/* tensor_buffer.c: the buffer protocol of tensors */
int tensor_getbuffer(PyObject *self, Py_buffer *view, int flags);
void tensor_releasebuffer(PyObject *self, Py_buffer *view);

/* dlpack.c */
/* A tensor of an object with __dlpack__. `copy` is None, or asks for memory of its own or for none; `may_move`
   lets the producer bring elements here from another device. */
PyObject *dlpack_import(State *state, PyObject *producer, bool may_move, PyObject *copy);
PyObject *tensor_dlpack(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tensor_dlpack_device(PyObject *self, PyObject *unused);

/* namespace.c: what the array API asks of an array beyond operators */
int device_check(PyObject *device);
PyObject *tensor_get_device(PyObject *self, void *unused);
PyObject *tensor_to_device(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tensor_array_namespace(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tensor_complex(PyObject *self, PyObject *unused);

/* tensor_pickle.c */
PyObject *tensor_reduce(PyObject *self, PyObject *protocol);
PyObject *tensor_tobytes(PyObject *self, PyObject *unused);

/* tensor_text.c */
PyObject *tensor_str(PyObject *self);
PyObject *tensor_repr(PyObject *self);

/* tensor_number.c, tensor_index.c: the type's slots */
PyObject *number_add(PyObject *a, PyObject *b);
PyObject *number_subtract(PyObject *a, PyObject *b);
PyObject *number_multiply(PyObject *a, PyObject *b);
PyObject *number_divide(PyObject *a, PyObject *b);
PyObject *number_floor_divide(PyObject *a, PyObject *b);
PyObject *number_remainder(PyObject *a, PyObject *b);
PyObject *number_power(PyObject *a, PyObject *b, PyObject *modulus);
PyObject *number_matmul(PyObject *a, PyObject *b);
PyObject *number_and(PyObject *a, PyObject *b);
PyObject *number_or(PyObject *a, PyObject *b);
PyObject *number_xor(PyObject *a, PyObject *b);
PyObject *number_left_shift(PyObject *a, PyObject *b);
PyObject *number_right_shift(PyObject *a, PyObject *b);
PyObject *number_inplace_add(PyObject *self, PyObject *other);
PyObject *number_inplace_subtract(PyObject *self, PyObject *other);
PyObject *number_inplace_multiply(PyObject *self, PyObject *other);
PyObject *number_inplace_divide(PyObject *self, PyObject *other);
PyObject *number_inplace_floor_divide(PyObject *self, PyObject *other);
PyObject *number_inplace_remainder(PyObject *self, PyObject *other);
PyObject *number_inplace_power(PyObject *self, PyObject *other, PyObject *modulus);
PyObject *number_inplace_matmul(PyObject *self, PyObject *other);
PyObject *number_inplace_and(PyObject *self, PyObject *other);
PyObject *number_inplace_or(PyObject *self, PyObject *other);
PyObject *number_inplace_xor(PyObject *self, PyObject *other);
PyObject *number_inplace_left_shift(PyObject *self, PyObject *other);
PyObject *number_inplace_right_shift(PyObject *self, PyObject *other);
PyObject *number_negative(PyObject *self);
PyObject *number_positive(PyObject *self);
PyObject *number_absolute(PyObject *self);
PyObject *number_invert(PyObject *self);
int number_bool(PyObject *self);
PyObject *number_int(PyObject *self);
PyObject *number_index(PyObject *self);
PyObject *number_float(PyObject *self);
PyObject *number_compare(PyObject *a, PyObject *b, int op);
PyObject *tensor_item(PyObject *self, PyObject *unused);
Py_ssize_t tensor_length(PyObject *self);
/* The keys of tensor[..], with the tensors among them kept alive until released. */
typedef struct {
    tw_key keys[TW_MAX_KEYS];
    PyObject *tensors[TW_MAX_KEYS];
    int64_t count;
} Keys;
int keys_from(State *state, PyObject *object, Keys *keys);
void keys_release(Keys *keys);
/* A value for a tensor's elements: a number takes its dtype, and must fit it; a fraction loses what is behind the
   point. written_from refuses one whose gradient would be lost. */
PyObject *assigned_from(State *state, PyObject *value, const tw_tensor *target);
PyObject *written_from(State *state, PyObject *value, const tw_tensor *target);
PyObject *tensor_get(PyObject *self, PyObject *key);
PyObject *tensor_get_position(PyObject *self, Py_ssize_t index);
int tensor_set(PyObject *self, PyObject *key, PyObject *value);

/* ops.c, ops_shape.c: functions of the module and methods of tensors */
typedef tw_tensor *(*UnaryOp)(tw_scope *, const tw_tensor *);
typedef tw_tensor *(*BinaryOp)(tw_scope *, const tw_tensor *, const tw_tensor *);
typedef tw_tensor *(*ScalarOp)(tw_scope *, const tw_tensor *, double);
/* Py_NotImplemented where an operand is of a kind that no tensor is made of. */
PyObject *binary(State *state, PyObject *a, PyObject *b, BinaryOp op, ScalarOp scalar_op);
PyObject *unary(State *state, PyObject *x, UnaryOp op);

#define DECLARE_METHOD(name, ...) PyObject *method_##name(PyObject *self, PyObject *unused);
#define DECLARE_KEYWORD_METHOD(name, ...) PyObject *method_##name(PyObject *self, PyObject *args, PyObject *kwargs);
UNARY_OPS(DECLARE_METHOD)
REDUCTIONS(DECLARE_KEYWORD_METHOD)
TOTALS(DECLARE_KEYWORD_METHOD)
DECLARE_KEYWORD_METHOD(var)
DECLARE_KEYWORD_METHOD(std)
DECLARE_KEYWORD_METHOD(argmax)
DECLARE_KEYWORD_METHOD(argmin)
SHAPE_METHODS(DECLARE_METHOD)

extern PyMethodDef ops_functions[];
extern PyMethodDef ops_reduce_functions[];
extern PyMethodDef ops_shape_functions[];
extern PyMethodDef ops_arrange_functions[];
extern PyMethodDef ops_index_functions[];
extern PyMethodDef ops_search_functions[];
extern PyMethodDef products_functions[];
extern PyMethodDef random_functions[];
extern PyMethodDef create_functions[];
extern PyMethodDef dlpack_functions[];
extern PyMethodDef pickle_functions[];
extern PyMethodDef autodiff_functions[];
extern PyMethodDef custom_functions[];
extern PyMethodDef derivatives_functions[];
extern PyMethodDef constrained_functions[];
extern PyMethodDef design_functions[];
extern PyMethodDef elastic_net_functions[];
extern PyMethodDef embedding_functions[];
extern PyMethodDef layers_functions[];
extern PyMethodDef robust_functions[];
extern PyMethodDef glm_functions[];
extern PyMethodDef lstsq_functions[];
extern PyMethodDef nonlinear_functions[];
extern PyMethodDef loss_functions[];
extern PyMethodDef total_functions[];
extern PyMethodDef train_functions[];
extern PyMethodDef io_functions[];
extern PyMethodDef layers_conv_functions[];
extern PyMethodDef layers_norm_functions[];
extern PyMethodDef levenberg_marquardt_functions[];
extern PyMethodDef linalg_functions[];
extern PyMethodDef memory_functions[];
extern PyMethodDef attention_functions[];
extern PyMethodDef convolution_functions[];
extern PyMethodDef layers_sequence_functions[];
extern PyMethodDef normalization_functions[];
extern PyMethodDef optim_functions[];
extern PyMethodDef schedule_functions[];
extern PyMethodDef recurrent_functions[];
extern PyMethodDef sparse_functions[];
extern PyMethodDef spectral_functions[];
extern PyMethodDef stochastic_functions[];

/* autodiff.c */
PyObject *tensor_backward(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *tensor_get_grad(PyObject *self, void *unused);
int tensor_set_grad(PyObject *self, PyObject *value, void *unused);
PyObject *tensor_get_requires_grad(PyObject *self, void *unused);
int tensor_set_requires_grad(PyObject *self, PyObject *value, void *unused);
PyObject *tensor_get_is_leaf(PyObject *self, void *unused);
PyObject *tensor_zero_grad(PyObject *self, PyObject *unused);
PyObject *tensor_detach(PyObject *self, PyObject *unused);
/* A tuple of handles that the caller owns; it takes them over, also on failure. */
PyObject *tensors_wrap(State *state, tw_tensor **handles, Py_ssize_t count);

/* convolution.c */
/* A number for all spatial axes, or a sequence with one for each; None leaves what is there. */
int spatial_from(PyObject *object, const char *what, int spatial, int64_t values[2]);
/* Sizes, strides and more of pooling windows. */
int windows_from(PyObject *kernel, PyObject *stride, PyObject *padding, PyObject *dilation, PyObject *divisor, int spatial,
                 tw_pooling_options *options);
/* Sizes or factors of a tuple. */
int upsampling_from(PyObject *object, tw_upsample_options *options);
/* The sizes of an adaptive pooling's result. */
int output_sizes_from(PyObject *object, int spatial, int64_t sizes[2]);

/* custom.c */
PyObject *tensor_register_hook(PyObject *self, PyObject *hook);
PyObject *tensor_remove_hook(PyObject *self, PyObject *number);

/* module_callback.c: a module whose forward pass is a Python method */
/* A tensor of the scope that stands for a Python object that may go: a view. */
tw_tensor *tensor_hand_over(tw_scope *scope, PyObject *tensor);
tw_status callback_module_new(PyObject *self, tw_module **module);

/* sparse.c: an operator of (rows, columns, offsets, places, values), int64, int64 and float64 buffers. */
int operator_from_csr(State *state, const char *function, PyObject *csr, tw_operator **matrix);

/* lstsq.c; inference.c: a fit's methods */
PyObject *lstsq_result_wrap(State *state, tw_lstsq_result *handle);
tw_lstsq_result *lstsq_result_handle(PyObject *result);
PyObject *fit_confidence_intervals(PyObject *self, PyObject *args);
PyObject *fit_intercept_confidence_interval(PyObject *self, PyObject *args);
PyObject *fit_prediction_intervals(PyObject *self, PyObject *args);
PyObject *fit_prediction_errors(PyObject *self, PyObject *args);
PyObject *fit_residuals(PyObject *self, PyObject *args);
PyObject *fit_leverage(PyObject *self, PyObject *args);
PyObject *fit_influence(PyObject *self, PyObject *args);
PyObject *fit_robust_covariance(PyObject *self, PyObject *args);
PyObject *fit_summary(PyObject *self, PyObject *args);
/* A summary by (level, names) that `write` makes. */
PyObject *summary_with(PyObject *self, PyObject *args,
                       tw_status (*write)(PyObject *, const tw_summary_options *, char **));

/* io.c: names of a list of str as UTF-8, which the list keeps alive */
int names_from(PyObject *keys, const char **names);

/* optim.c: states as dicts of named tensors, of what has functions as tw_optimizer_state_names, tw_optimizer_state
   and tw_optimizer_set_state */
typedef tw_status (*TextWriter)(const void *, int64_t, char *, size_t, size_t *);
typedef tw_status (*StateReader)(const void *, tw_tensor **, int64_t, int64_t *);
typedef tw_status (*StateWriter)(void *, const char *const *, tw_tensor *const *, int64_t);
PyObject *state_dict_from(State *state, const void *object, TextWriter names, StateReader read);
PyObject *state_dict_to(State *state, void *object, PyObject *dict, StateWriter write);

/* One type each. */
int dtype_type_add(PyObject *module, State *state);
int generator_type_add(PyObject *module, State *state);
int module_type_add(PyObject *module, State *state);
/* nn.c: gives an object of a subclass of Module its native half; takes the handle. None, or NULL with the status's
   exception. */
PyObject *module_adopt(PyObject *self, tw_status status, tw_module *handle);
int lstsq_result_type_add(PyObject *module, State *state);
int glm_result_type_add(PyObject *module, State *state);
int elastic_net_result_type_add(PyObject *module, State *state);
int robust_result_type_add(PyObject *module, State *state);
int constrained_result_type_add(PyObject *module, State *state);
int total_result_type_add(PyObject *module, State *state);
int basis_type_add(PyObject *module, State *state);
int stream_type_add(PyObject *module, State *state);
int problem_type_add(PyObject *module, State *state);
int optimizer_type_add(PyObject *module, State *state);
int schedule_type_add(PyObject *module, State *state);
/* schedule.c: the schedule of an object; NULL of None. */
int schedule_from(State *state, PyObject *object, tw_schedule **schedule);
int average_type_add(PyObject *module, State *state);
int loader_type_add(PyObject *module, State *state);
int key_value_cache_type_add(PyObject *module, State *state);
int event_writer_type_add(PyObject *module, State *state);

/* Makes a type from its spec, keeps it in *slot and adds it to the module. */
int type_add(PyObject *module, PyType_Spec *spec, PyTypeObject *base, PyTypeObject **slot);
/* Ends a tp_dealloc: frees the object and releases its type. */
void object_free(PyObject *self);

#define METHOD_KEYWORDS(function) (PyCFunction)(void (*)(void))(function), METH_VARARGS | METH_KEYWORDS

/* Runs a statement without the interpreter lock. */
#define UNLOCKED(statement) \
    Py_BEGIN_ALLOW_THREADS \
    statement; \
    Py_END_ALLOW_THREADS

#endif
