package dev.tessera.landmarks;

import java.util.Random;

/** Points at random places of random photos, with tracks of two to eight views. */
final class RandomScene implements SeenPoints {
  static final int WIDTH = 640;
  static final int HEIGHT = 480;

  private final int cameras;
  private final int[] begin;
  private final int[] camera;
  private final float[] pixel;
  private final double[] xyz;

  RandomScene(int cameras, int points, long seed) {
    Random random = new Random(seed);
    this.cameras = cameras;
    begin = new int[points + 1];
    int[] length = new int[points];
    for (int p = 0; p < points; p++) {
      length[p] = 2 + random.nextInt(Math.min(7, cameras - 1));
      begin[p + 1] = begin[p] + length[p];
    }
    camera = new int[begin[points]];
    pixel = new float[2 * camera.length];
    xyz = random.doubles(3L * points, -20, 30).toArray();
    for (int p = 0; p < points; p++) {
      int first = random.nextInt(cameras - length[p] + 1);
      for (int i = 0; i < length[p]; i++) {
        camera[begin[p] + i] = first + i;
        pixel[2 * (begin[p] + i)] = random.nextFloat() * WIDTH;
        pixel[2 * (begin[p] + i) + 1] = random.nextFloat() * HEIGHT;
      }
    }
  }

  @Override
  public int points() {
    return begin.length - 1;
  }

  @Override
  public int cameras() {
    return cameras;
  }

  @Override
  public int width(int c) {
    return WIDTH;
  }

  @Override
  public int height(int c) {
    return HEIGHT;
  }

  @Override
  public int begin(int point) {
    return begin[point];
  }

  @Override
  public int camera(int observation) {
    return camera[observation];
  }

  @Override
  public float u(int observation) {
    return pixel[2 * observation];
  }

  @Override
  public float v(int observation) {
    return pixel[2 * observation + 1];
  }

  @Override
  public float confidence(int point) {
    return 1;
  }

  @Override
  public double coordinate(int point, int axis) {
    return xyz[3 * point + axis];
  }
}
