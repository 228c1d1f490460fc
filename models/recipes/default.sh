#!/bin/sh
# Makes the default model again, from the starting weights and two CC BY clips to models/weights/default.onnx.
# usage: models/recipes/default.sh SHARED_FOLDER [WORK_FOLDER]      (needs the train extra; CPU, about an hour on 2 cores)
# SHORT=1 goes the same way with a few pictures and leaves its model and card in WORK_FOLDER: it proves the
# way, not the model.
set -eu
shared=$1
work=${2:-runs/default}
start=$shared/models/yolov8n-coco.pt
people=$shared/data/one-by-one.mp4
cars=$shared/data/cars.mp4
if [ -n "${SHORT:-}" ]; then
    thin=20 count=8 held=4 passes=1 planned=1 size=160 judged=80 weights=$work/weights cards=$work/cards
else
    thin=1 count=320 held=40 passes=2 planned=4 size=320 judged=1 weights=models/weights cards=models/cards
fi

rm -rf "$work"
# Persons 1-4 and 6 and the first 290 frames of the road teach; person 5 and the rest of the road judge.
tapal dataset frames "$people" --out "$work/base" --every $((20 * thin)) --last 889
tapal dataset frames "$people" --out "$work/base" --every $((20 * thin)) --first 1215
tapal dataset frames "$cars" --out "$work/base" --every $((4 * thin)) --last 289
tapal dataset frames "$people" --out "$work/held" --every $((25 * thin)) --first 922 --last 1200
tapal dataset frames "$cars" --out "$work/held" --every $((6 * thin)) --first 300
tapal model label "$work/base" --weights "$start"
tapal model label "$work/held" --weights "$start"
tapal dataset composites "$people" --base "$work/base" --out "$work/composites" --count "$count" --seed 1
tapal dataset composites "$people" --base "$work/held" --out "$work/held" --count "$held" --seed 2 --held-out
cat > "$work/data.yaml" <<DATA
path: $(cd "$work" && pwd)
train: [base/images, composites/images]
val: held/images
names: {0: person, 1: bicycle, 2: car, 3: motorcycle, 4: bus, 5: truck, 6: boat}
DATA
# Two of four planned passes, then 30 % of the change: more learns the composites and forgets ships and full-size people.
tapal model train "$work/data.yaml" --start "$start" --out "$work/run" \
    --epochs "$planned" --stop-after "$passes" --size "$size" --batch 8 --learning-rate 1e-4 --distillation 1.0 --share 0.3
tapal model calibrate "$work/run/weights/averaged.pt" --start "$start" --pictures "$work/held" --out "$work/default.pt"
tapal model export "$work/default.pt" --version 1 --out "$weights/default.onnx"
tapal model export "$start" --out "$work/start.onnx"
tapal model card models/recipes/default.yaml --model "$weights/default.onnx" --start "$work/start.onnx" \
    --shared "$shared" --out "$cards" --every "$judged"
