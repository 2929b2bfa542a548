// What a customer is about to buy.
#include "Basket.h"

#include <string>
#include <vector>

using std::vector;

namespace shop {

namespace {
constexpr int kLimit = 10;
}

template <typename T, int N>
class Box : public Container, private Named {
 public:
  explicit Box(int limit) : limit_(limit), open_{true} {}
  Box() = default;
  virtual ~Box();

  void add(T item);
  void add(T item, int count) const;
  bool operator==(const Box &other) const { return limit_ == other.limit_; }

  enum class Mode { kPlain, kGift = 2, kSale };

 protected:
  virtual long total(const vector<T> &prices, int extra = 1) = 0;

 private:
#ifdef TRACE
  int calls_ = 0;
#endif
  int limit_;
  vector<T> items_;
};

struct Line {
  std::string name;
  int count = 0;
};

Basket::Basket(int limit) : Box(limit), clock_(Clock::now()) {}

Basket::~Basket() {
  close();
}

// Puts one in.
void Basket::add(Item item) {
  if (items_.size() >= kLimit) {
    throw Full("full", kLimit);
  }
  items_.push_back(item);
}

void Basket::add(Item item, int count) {
  for (int i = 0; i < count; i++) {
    add(item);
  }
}

long Basket::total(const vector<long> &prices, int extra) {
  long sum = 0;
  for (const auto &item : items_) {
    sum += prices[item.id] * extra;  // in cents
  }
  switch (mode_) {
    case Mode::kGift:
      sum = 0;
      break;
    default:
      log("plain", sum);
  }
  try {
    check(sum);
  } catch (const Negative &error) {
    sum = 0;
  } catch (const std::exception &error) {
    std::cerr << "failed " << error.what();
  }
  auto free = [&](const Item &item) { return item.price == 0; };
  return std::count_if(items_.begin(), items_.end(), free) + sum;
}

TEST(Basket, StartsEmpty) {
  EXPECT_EQ(Basket(1).size(), 0);
}

TEST(Basket, Adds) {
  EXPECT_EQ(Basket(2).size(), 2);
}

}  // namespace shop
