package dev.tessera.sfm;

/**
 * Keypoints of one photo with their SIFT descriptors. One object per photo, shared by all chunks
 * that see it: the pixel of feature i is the same float everywhere. N features.
 */
public final class Features {
  /** Length of a SIFT descriptor (Lowe 2004, section 6.1). */
  public static final int DESCRIPTOR_LENGTH = 128;

  private final float[] pixel; // (N, 2) u, v in the upright original
  private final int[] rgb; // (N) 0xRRGGBB
  private final byte[] sift; // (N, 128) unsigned
  private final int[] canonical; // (N) first feature at the same pixel
  private final double originalPerWorkingPixel;

  Features(float[] pixel, int[] rgb, byte[] sift, double originalPerWorkingPixel) {
    this.pixel = pixel;
    this.rgb = rgb;
    this.sift = sift;
    this.originalPerWorkingPixel = originalPerWorkingPixel;
    this.canonical = firstAtSamePixel(pixel);
  }

  /** SIFT gives a keypoint one feature per dominant orientation, listed one after the other. */
  private static int[] firstAtSamePixel(float[] pixel) {
    java.util.Map<Long, Integer> first = new java.util.HashMap<>();
    int[] canonical = new int[pixel.length / 2];
    for (int i = 0; i < canonical.length; i++) {
      long key =
          (long) Float.floatToIntBits(pixel[2 * i]) << 32
              | (Float.floatToIntBits(pixel[2 * i + 1]) & 0xffffffffL);
      Integer known = first.putIfAbsent(key, i);
      canonical[i] = known == null ? i : known;
    }
    return canonical;
  }

  public int count() {
    return rgb.length;
  }

  public float u(int feature) {
    return pixel[2 * feature];
  }

  public float v(int feature) {
    return pixel[2 * feature + 1];
  }

  int rgb(int feature) {
    return rgb[feature];
  }

  /** The feature that stands for all those at the same pixel. */
  int canonical(int feature) {
    return canonical[feature];
  }

  /** Size of the original over that of the image in which the features were found. */
  public double originalPerWorkingPixel() {
    return originalPerWorkingPixel;
  }

  long bytes() {
    return 8L * pixel.length + 8L * rgb.length + sift.length + 64;
  }

  /**
   * Descriptors whose inner product is the Hellinger kernel of the SIFT histograms: L1-normalised,
   * then the square root (RootSIFT; Arandjelovic and Zisserman, CVPR 2012, section 2). Unit
   * vectors, (N, 128).
   */
  public float[] rootSift() {
    float[] root = new float[sift.length];
    for (int feature = 0; feature < count(); feature++) {
      addRootSift(feature, root, feature * DESCRIPTOR_LENGTH);
    }
    return root;
  }

  /** Adds one feature's RootSIFT descriptor to 128 sums. */
  void addRootSift(int feature, float[] to) {
    addRootSift(feature, to, 0);
  }

  private void addRootSift(int feature, float[] to, int at) {
    int begin = feature * DESCRIPTOR_LENGTH;
    int sum = 0;
    for (int i = begin; i < begin + DESCRIPTOR_LENGTH; i++) {
      sum += sift[i] & 0xff;
    }
    float scale = sum > 0 ? (float) (1 / Math.sqrt(sum)) : 0;
    for (int i = 0; i < DESCRIPTOR_LENGTH; i++) {
      to[at + i] += SQUARE_ROOT[sift[begin + i] & 0xff] * scale;
    }
  }

  private static final float[] SQUARE_ROOT = new float[256];

  static {
    for (int i = 0; i < SQUARE_ROOT.length; i++) {
      SQUARE_ROOT[i] = (float) Math.sqrt(i);
    }
  }
}
