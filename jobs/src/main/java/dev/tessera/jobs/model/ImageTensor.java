package dev.tessera.jobs.model;

import dev.tessera.backbone.ViewImages;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.Safetensors;
import dev.tessera.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * Images that are ready for a network, in a tensor (views, 3, height, width): F32 in [0, 1], or U8
 * that stand for k / 255. They are read view by view.
 */
public final class ImageTensor implements ViewImages {
  private static final String USUAL_KEY = "in.images";
  private static final int AXES = 4;
  private static final int RGB = 3;
  private static final float WHITE = 255;

  private final TensorInfo info;
  private final ByteBuffer bytes;
  private final int first;
  private final int count;

  private ImageTensor(TensorInfo info, ByteBuffer bytes, int first, int count) {
    this.info = info;
    this.bytes = bytes;
    this.first = first;
    this.count = count;
  }

  /**
   * The images of that name.
   *
   * @param patch their sides must be multiples of it, in pixels
   * @throws IllegalArgumentException if there is no such tensor, or it holds no such images
   */
  public static ImageTensor of(Safetensors file, String key, int patch) {
    if (!file.names().contains(key)) {
      throw wrong(file, key, "no tensor of that name; images may be " + candidates(file));
    }
    TensorInfo info = file.info(key);
    List<Long> shape = info.shape();
    if (shape.size() != AXES || shape.get(1) != RGB || shape.contains(0L)) {
      throw wrong(file, key, "its shape must be [views, 3, height, width], was " + shape);
    }
    if (info.dtype() != DType.F32 && info.dtype() != DType.U8) {
      throw wrong(file, key, "its dtype must be F32 or U8, was " + info.dtype());
    }
    if (shape.get(2) % patch != 0 || shape.get(3) % patch != 0) {
      throw wrong(
          file,
          key,
          "%d x %d pixels (height x width) must be multiples of the network's patch of %d"
              .formatted(shape.get(2), shape.get(3), patch));
    }
    int views = Math.toIntExact(shape.get(0));
    return new ImageTensor(info, file.bytes(key), 0, views);
  }

  /** {@code in.images} if there is one, else the only tensor of four axes. */
  public static String usualKey(Safetensors file) {
    if (file.names().contains(USUAL_KEY)) {
      return USUAL_KEY;
    }
    List<String> candidates = candidates(file);
    if (candidates.size() != 1) {
      throw new IllegalArgumentException(
          "Cannot read images of %s: name one tensor of it as %s#KEY, images may be %s"
              .formatted(file.path(), file.path().getFileName(), candidates));
    }
    return candidates.get(0);
  }

  private static List<String> candidates(Safetensors file) {
    return file.names().stream().filter(name -> file.info(name).shape().size() == AXES).toList();
  }

  private static IllegalArgumentException wrong(Safetensors file, String key, String why) {
    return new IllegalArgumentException(
        "Cannot read images '%s' of %s: %s".formatted(key, file.path(), why));
  }

  /** One of the images, as a scene of its own. */
  ImageTensor only(int view) {
    return new ImageTensor(info, bytes, first + view, 1);
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int height() {
    return info.shape().get(2).intValue();
  }

  @Override
  public int width() {
    return info.shape().get(3).intValue();
  }

  @Override
  public void read(int view, FloatBuffer into) {
    int values = RGB * height() * width();
    int size = values * info.dtype().bytes();
    ByteBuffer one = bytes.slice((first + view) * size, size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values; i++) {
      into.put(info.dtype() == DType.U8 ? (one.get(i) & 0xff) / WHITE : single(view, one, i));
    }
  }

  private float single(int view, ByteBuffer one, int index) {
    float value = one.getFloat(index * Float.BYTES);
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "Cannot read images '%s': values must be in 0 to 1, view %d has %s"
              .formatted(info.name(), first + view, value));
    }
    return value;
  }
}
