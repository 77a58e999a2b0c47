package dev.tessera.imagery;

import java.util.List;
import java.util.Optional;

/**
 * Where each photo of a set goes in the input of a network, known before any is decoded.
 *
 * @param size size of every photo's input; empty if no photo can be prepared
 * @param photos those that can be prepared, in the order given
 * @param refused those that cannot
 */
public record InputPlan(Optional<ImageSize> size, List<Planned> photos, List<Refused> refused) {

  /** A photo and where it goes. */
  public record Planned(View view, InputGeometry geometry) {
    public Planned {
      if (!geometry.original().equals(new ImageSize(view.width(), view.height()))) {
        throw new IllegalArgumentException(
            "Cannot place photo %s of %d x %d pixels: the geometry is for %s"
                .formatted(view.name(), view.width(), view.height(), geometry.original()));
      }
    }

    Planned centeredIn(ImageSize size) {
      return new Planned(view, geometry.centeredIn(size));
    }
  }

  /** A photo without a place, and why: one line. */
  public record Refused(View view, String detail) {}

  public InputPlan {
    photos = List.copyOf(photos);
    refused = List.copyOf(refused);
  }
}
