/**
 * @file dlpack.hpp
 * Tensors in and out of other libraries without a copy, by DLPack.
 *
 *     talweg::ManagedTensor out = talweg::to_dlpack(x);
 *     consume(out.release());                                    // who now calls its deleter
 *     talweg::Tensor y = talweg::from_dlpack(talweg::ManagedTensor(produced));
 */
#ifndef TALWEG_DLPACK_HPP
#define TALWEG_DLPACK_HPP

#include "tensor.hpp"

namespace talweg {

namespace detail {

template <typename Layout> struct CallDeleter {
    template <typename Managed> void operator()(Managed *managed) const {
        Layout *layout = reinterpret_cast<Layout *>(managed);
        if (layout->deleter) layout->deleter(layout);
    }
};

}  // namespace detail

/** Owns a managed tensor of DLPack 1.x: calls its deleter unless it is released. */
using ManagedTensor = std::unique_ptr<DLManagedTensorVersioned, detail::CallDeleter<tw_dl_managed_tensor_versioned>>;
/** The same of the format before version 1. */
using LegacyManagedTensor = std::unique_ptr<DLManagedTensor, detail::CallDeleter<tw_dl_managed_tensor>>;

/** What a managed tensor says; it must hold one. */
inline const tw_dl_tensor &layout(const ManagedTensor &managed) {
    return reinterpret_cast<const tw_dl_managed_tensor_versioned *>(managed.get())->tensor;
}
inline const tw_dl_tensor &layout(const LegacyManagedTensor &managed) {
    return reinterpret_cast<const tw_dl_managed_tensor *>(managed.get())->tensor;
}

inline ManagedTensor to_dlpack(const Tensor &x) {
    return detail::made<ManagedTensor, DLManagedTensorVersioned>(tw_tensor_to_dlpack_versioned, x);
}
inline LegacyManagedTensor to_dlpack_legacy(const Tensor &x) {
    return detail::made<LegacyManagedTensor, DLManagedTensor>(tw_tensor_to_dlpack, x);
}

/** A tensor over the elements of a managed one, which it takes; if it throws, it has deleted it. */
inline Tensor from_dlpack(ManagedTensor managed) {
    Tensor tensor = detail::make(tw_tensor_from_dlpack_versioned, managed.get());
    managed.release();
    return tensor;
}
inline Tensor from_dlpack(LegacyManagedTensor managed) {
    Tensor tensor = detail::make(tw_tensor_from_dlpack, managed.get());
    managed.release();
    return tensor;
}

}  // namespace talweg

#endif
