package dev.tessera.imagery;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a network wants photos to look like: their size, in whole patches, and what fills the rest.
 * Sizes come from the header alone, so that photos can be decoded one at a time.
 *
 * @param mode how a photo's shape is made to fit
 * @param targetPixels a side of the input, a multiple of the patch
 * @param patchPixels side of the squares that the network cuts its input into
 * @param padValue level of padding and of the background of transparent photos, 0 to 1
 */
public record NetworkInput(Mode mode, int targetPixels, int patchPixels, double padValue)
    implements Serializable {

  /** How a photo's shape is made to fit. */
  public enum Mode {
    /** The width becomes the target; what is higher than the target is cut off, half above. */
    CROP,
    /** The longer side becomes the target and padding makes a square. */
    PAD,
    /**
     * The longer side becomes the target and the other the nearest number of patches; the photo is
     * resized to cover that, with its shape kept, and what sticks out is cut off. The principal
     * point is taken to be at the photo's centre. So photos were prepared for the published tables
     * of VGG-T3.
     */
    FIT;

    /** The mode of a word: crop, pad, fit. */
    public static Mode of(String word) {
      return Arrays.stream(values())
          .filter(mode -> mode.name().toLowerCase(Locale.ROOT).equals(word))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "Cannot prepare photos by '%s': the ways are crop, pad, fit"
                          .formatted(word)));
    }
  }

  public NetworkInput {
    if (patchPixels < 1 || targetPixels < 1 || targetPixels % patchPixels != 0) {
      throw new IllegalArgumentException(
          "Input size must be a positive multiple of the patch of %d pixels, was %d"
              .formatted(patchPixels, targetPixels));
    }
    if (!(padValue >= 0 && padValue <= 1)) {
      throw new IllegalArgumentException("Pad value must be in 0..1, was " + padValue);
    }
  }

  /** As VGGT and VGG-T3 do it: width 518, patches of 14, white. */
  public static NetworkInput defaults() {
    return new NetworkInput(Mode.CROP, 518, 14, 1);
  }

  /**
   * Where a photo of this upright size goes.
   *
   * @throws IllegalArgumentException if a side would have no patch at all
   */
  public InputGeometry geometry(ImageSize photo) {
    refusal(photo)
        .ifPresent(
            why -> {
              throw new IllegalArgumentException("Cannot prepare a photo: " + why);
            });
    return switch (mode) {
      case CROP -> cropped(photo);
      case PAD -> padded(photo);
      case FIT -> fitted(photo);
    };
  }

  /** Why a photo of this upright size cannot be prepared, if it cannot. */
  public Optional<String> refusal(ImageSize photo) {
    if (freePatches(photo) > 0) {
      return Optional.empty();
    }
    int free = (int) Math.rint(freePixels(photo));
    boolean tooFlat = widthIsTarget(photo);
    return Optional.of(
        "%s pixels become %d x %d, 0 patches of %d %s"
            .formatted(
                photo,
                tooFlat ? targetPixels : free,
                tooFlat ? free : targetPixels,
                patchPixels,
                tooFlat ? "high" : "wide"));
  }

  /**
   * Where the photos of a set go: each as {@link #geometry} says, then all padded, centred, to the
   * largest width and height among them.
   */
  public InputPlan plan(List<View> views) {
    List<InputPlan.Planned> single = new ArrayList<>();
    List<InputPlan.Refused> refused = new ArrayList<>();
    for (View view : views) {
      ImageSize photo = new ImageSize(view.width(), view.height());
      Optional<String> why = refusal(photo);
      if (why.isPresent()) {
        String detail = "Cannot prepare photo %s: %s".formatted(view.name(), why.get());
        refused.add(new InputPlan.Refused(view, detail));
      } else {
        single.add(new InputPlan.Planned(view, geometry(photo)));
      }
    }
    Optional<ImageSize> common =
        single.stream().map(photo -> photo.geometry().network()).reduce(ImageSize::union);
    List<InputPlan.Planned> planned =
        single.stream().map(photo -> photo.centeredIn(common.orElseThrow())).toList();
    return new InputPlan(common, planned, refused);
  }

  /** The kernel that a photo is resized with. */
  ResizeFilter filter(InputGeometry geometry) {
    boolean shrinks =
        geometry.kept().width() < geometry.original().width()
            && geometry.kept().height() < geometry.original().height();
    return mode == Mode.FIT && shrinks ? ResizeFilter.LANCZOS3 : ResizeFilter.BICUBIC;
  }

  private InputGeometry cropped(ImageSize photo) {
    ImageSize resized = resized(photo);
    int height = Math.min(resized.height(), targetPixels);
    int top = (resized.height() - height) / 2;
    PixelBox kept = new PixelBox(0, top, targetPixels, height);
    return new InputGeometry(photo, resized, kept, new ImageSize(targetPixels, height), 0, 0);
  }

  private InputGeometry padded(ImageSize photo) {
    ImageSize resized = resized(photo);
    return new InputGeometry(photo, resized, PixelBox.all(resized), resized, 0, 0)
        .centeredIn(new ImageSize(targetPixels, targetPixels));
  }

  private InputGeometry fitted(ImageSize photo) {
    ImageSize shape = resized(photo);
    double scale =
        Math.max((double) shape.width() / photo.width(), (double) shape.height() / photo.height());
    ImageSize covering =
        new ImageSize(
            (int) Math.ceil(photo.width() * scale), (int) Math.ceil(photo.height() * scale));
    PixelBox kept =
        new PixelBox(
            (covering.width() - shape.width()) / 2,
            (covering.height() - shape.height()) / 2,
            shape.width(),
            shape.height());
    return new InputGeometry(photo, covering, kept, shape, 0, 0);
  }

  private ImageSize resized(ImageSize photo) {
    int free = patchPixels * freePatches(photo);
    return widthIsTarget(photo)
        ? new ImageSize(targetPixels, free)
        : new ImageSize(free, targetPixels);
  }

  private boolean widthIsTarget(ImageSize photo) {
    return mode == Mode.CROP || photo.width() >= photo.height();
  }

  /** The side that is not the target, to the nearest patch, halves to even. */
  private int freePatches(ImageSize photo) {
    return (int) Math.rint(freePixels(photo) / patchPixels);
  }

  /** The side that is not the target, if the shape were kept; rounded as the references do. */
  private double freePixels(ImageSize photo) {
    double width = photo.width();
    double height = photo.height();
    if (mode == Mode.FIT) {
      double aspect = width / height;
      return widthIsTarget(photo) ? targetPixels / aspect : targetPixels * aspect;
    }
    return widthIsTarget(photo) ? height * (targetPixels / width) : width * (targetPixels / height);
  }
}
