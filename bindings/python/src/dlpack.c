/* DLPack: Tensor.__dlpack__, Tensor.__dlpack_device__ and talweg.from_dlpack. A managed tensor travels in a
   capsule, whose name tells which format it has and whether it was taken. */
#include "talweg_python.h"

#define LEGACY "dltensor"
#define VERSIONED "dltensor_versioned"

/* What nobody took is given back. */
static void end_legacy(PyObject *capsule) {
    if (!PyCapsule_IsValid(capsule, LEGACY)) return;
    tw_dl_managed_tensor *managed = PyCapsule_GetPointer(capsule, LEGACY);
    managed->deleter(managed);
}

static void end_versioned(PyObject *capsule) {
    if (!PyCapsule_IsValid(capsule, VERSIONED)) return;
    tw_dl_managed_tensor_versioned *managed = PyCapsule_GetPointer(capsule, VERSIONED);
    managed->deleter(managed);
}

static PyObject *export_legacy(State *state, const tw_tensor *tensor) {
    struct DLManagedTensor *managed;
    if (check(state, tw_tensor_to_dlpack(tensor, &managed)) < 0) return NULL;
    PyObject *capsule = PyCapsule_New(managed, LEGACY, end_legacy);
    if (!capsule) ((tw_dl_managed_tensor *)managed)->deleter((tw_dl_managed_tensor *)managed);
    return capsule;
}

static PyObject *export_versioned(State *state, const tw_tensor *tensor, bool copied) {
    struct DLManagedTensorVersioned *opaque;
    if (check(state, tw_tensor_to_dlpack_versioned(tensor, &opaque)) < 0) return NULL;
    tw_dl_managed_tensor_versioned *managed = (tw_dl_managed_tensor_versioned *)opaque;
    if (copied) managed->flags |= TW_DL_IS_COPIED;
    PyObject *capsule = PyCapsule_New(managed, VERSIONED, end_versioned);
    if (!capsule) managed->deleter(managed);
    return capsule;
}

/* The only device is the processor, which has no streams. */
static int check_request(PyObject *stream, PyObject *device) {
    if (stream != Py_None) {
        PyErr_SetString(PyExc_ValueError, "__dlpack__: stream is None for tensors in the processor's memory");
        return -1;
    }
    if (device == Py_None) return 0;
    long type, id;
    PyObject *pair = PySequence_Tuple(device);
    if (!pair) return -1;
    int parsed = PyArg_ParseTuple(pair, "ll;dl_device is a pair (type, number)", &type, &id);
    Py_DECREF(pair);
    if (!parsed) return -1;
    if (type == TW_DL_CPU && id == 0) return 0;
    PyErr_Format(PyExc_BufferError, "__dlpack__: device (%ld, %ld) is not the processor's memory, (1, 0)", type, id);
    return -1;
}

PyObject *tensor_dlpack(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"stream", "max_version", "dl_device", "copy", NULL};
    State *state = object_state(self);
    PyObject *stream = Py_None, *version = Py_None, *device = Py_None, *copy = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$OOOO:__dlpack__", names, &stream, &version, &device, &copy))
        return NULL;
    long major = 0, minor = 0;
    if (version != Py_None && (!PyTuple_Check(version) || !PyArg_ParseTuple(version, "ll", &major, &minor))) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "__dlpack__: max_version is a pair (major, minor)");
        return NULL;
    }
    int copied = copy == Py_None ? 0 : PyObject_IsTrue(copy);
    bool recorded;
    if (copied < 0 || check_request(stream, device) < 0 ||
        check(state, tw_tensor_requires_grad(TENSOR(self), &recorded)) < 0)
        return NULL;
    if (recorded) {
        PyErr_SetString(PyExc_BufferError, "a tensor that requires a gradient is not exported: use detach()");
        return NULL;
    }
    tw_tensor *own = NULL;
    if (copied) {
        UNLOCKED(own = tw_copy(NULL, TENSOR(self)))
        if (!own) return raise_last(state);
    }
    const tw_tensor *tensor = own ? own : TENSOR(self);
    PyObject *capsule = major >= 1 ? export_versioned(state, tensor, copied) : export_legacy(state, tensor);
    tw_release(own);
    return capsule;
}

PyObject *tensor_dlpack_device(PyObject *self, PyObject *unused) {
    (void)self;
    (void)unused;
    return Py_BuildValue("(ii)", TW_DL_CPU, 0);
}

/* A tensor of a capsule, which is marked as taken. `copy` asks for memory of its own, or, as 0, for none. */
static PyObject *import_capsule(State *state, PyObject *capsule, int copy) {
    tw_tensor *tensor;
    bool fresh = false;
    if (PyCapsule_IsValid(capsule, VERSIONED)) {
        tw_dl_managed_tensor_versioned *managed = PyCapsule_GetPointer(capsule, VERSIONED);
        bool known = managed->major == 1;
        bool read_only = known && managed->flags & TW_DL_READ_ONLY;
        if (read_only && copy == 0) {
            PyErr_SetString(PyExc_BufferError, "from_dlpack: the elements are read-only, and become a tensor only by a copy");
            return NULL;
        }
        fresh = read_only || (known && managed->flags & TW_DL_IS_COPIED);
        tensor = tw_tensor_from_dlpack_versioned(NULL, (struct DLManagedTensorVersioned *)managed);
        if (tensor) PyCapsule_SetName(capsule, "used_" VERSIONED);
    } else if (PyCapsule_IsValid(capsule, LEGACY)) {
        tensor = tw_tensor_from_dlpack(NULL, PyCapsule_GetPointer(capsule, LEGACY));
        if (tensor) PyCapsule_SetName(capsule, "used_" LEGACY);
    } else {
        PyErr_SetString(PyExc_TypeError, "from_dlpack: __dlpack__ gave no DLPack capsule, or one that was taken before");
        return NULL;
    }
    if (tensor && copy == 1 && !fresh) {
        tw_tensor *shared = tensor;
        UNLOCKED(tensor = tw_copy(NULL, shared))
        tw_release(shared);
    }
    return tensor_wrap(state, tensor);
}

/* Asks the producer for a capsule; one that knows no keywords, from before version 1, is asked without. `device` is
   NULL unless the elements may have to move. */
static PyObject *ask(PyObject *producer, PyObject *device, PyObject *copy) {
    PyObject *method = PyObject_GetAttrString(producer, "__dlpack__");
    PyObject *keywords = method ? Py_BuildValue("{s(ii)}", "max_version", 1, 0) : NULL;
    PyObject *none = PyTuple_New(0), *capsule = NULL;
    if (keywords && none && (!device || PyDict_SetItemString(keywords, "dl_device", device) == 0) &&
        (copy == Py_None || PyDict_SetItemString(keywords, "copy", copy) == 0)) {
        capsule = PyObject_Call(method, none, keywords);
        if (!capsule && !device && PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Clear();
            capsule = PyObject_Call(method, none, NULL);
        }
    }
    Py_XDECREF(method);
    Py_XDECREF(keywords);
    Py_XDECREF(none);
    return capsule;
}

/* 1 if the elements lie where the processor reads them, 0 if they do not. */
static int is_on_host(PyObject *producer) {
    PyObject *device = PyObject_CallMethod(producer, "__dlpack_device__", NULL);
    PyObject *pair = device ? PySequence_Tuple(device) : NULL;
    PyObject *type = pair && PyTuple_Size(pair) == 2 ? PyNumber_Index(PyTuple_GetItem(pair, 0)) : NULL;
    long code = type ? PyLong_AsLong(type) : -1;
    if (!type && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "from_dlpack: __dlpack_device__ gave no pair");
    Py_XDECREF(device);
    Py_XDECREF(pair);
    Py_XDECREF(type);
    if (PyErr_Occurred()) return -1;
    return code == TW_DL_CPU || code == TW_DL_CUDA_HOST || code == TW_DL_ROCM_HOST;
}

PyObject *dlpack_import(State *state, PyObject *producer, bool may_move, PyObject *copy) {
    int copied = copy == Py_None ? -1 : PyObject_IsTrue(copy);
    if (copy != Py_None && copied < 0) return NULL;
    int host = is_on_host(producer);
    if (host < 0) return NULL;
    PyObject *target = host || !may_move ? NULL : Py_BuildValue("(ii)", TW_DL_CPU, 0);
    if (!host && may_move && !target) return NULL;
    PyObject *capsule = ask(producer, target, copy);
    PyObject *result = capsule ? import_capsule(state, capsule, copied) : NULL;
    Py_XDECREF(target);
    Py_XDECREF(capsule);
    return result;
}

/* What lies elsewhere is brought here, if the caller names this device. */
static PyObject *from_dlpack(PyObject *module, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"", "device", "copy", NULL};
    PyObject *producer, *device = Py_None, *copy = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$OO:from_dlpack", names, &producer, &device, &copy) ||
        device_check(device) < 0)
        return NULL;
    return dlpack_import(module_state(module), producer, device != Py_None, copy);
}

PyMethodDef dlpack_functions[] = {
    {"from_dlpack", METHOD_KEYWORDS(from_dlpack),
     "from_dlpack(x, /, *, device=None, copy=None)\n--\n\n"
     "A tensor over the memory of an object with __dlpack__: of NumPy, PyTorch, JAX and others.\n"
     "What is read-only is copied. `copy`: True for memory of its own, False for BufferError\n"
     "where it cannot be shared."},
    {0},
};
